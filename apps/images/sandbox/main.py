"""The program: makes the namespaces, lends the way to the repository, and sees to it that nothing outlives it.

Three processes: this one, outside, which carries connections; a child that leaves for new namespaces; and its child,
the first one in there. Each is killed when the one before it ends, and this one when the worker does.
"""

from __future__ import annotations

import encodings.idna
import ipaddress
import os
import socket
import sys
import time
from pathlib import Path

from apps.images.sandbox import calls, first, linux, tree
from apps.images.sandbox.relay import Relay
from apps.images.sandbox.told import Told

IDS = 65_536  # users that a root console lends: all that a distribution knows
GRACE = 2.0  # seconds that the first process has to say that its time is over
READY, GO, SHUT = b"ready", b"go", b"shut"
PIP = 64 << 20  # bytes that a packed pip may have

__all__ = ["main"]
_NEEDED = encodings.idna  # sockets load it late, where it cannot be found any more


def main() -> None:
    """Until the check is over, or its time is."""
    told = Told.read(sys.stdin.buffer.read())
    outside, inside = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    child = os.fork()
    if child == 0:
        outside.close()
        _leave(told, inside)
    inside.close()
    try:
        _admit(told, child, outside)
        _attend(told, child, outside)
    except OSError as error:
        first.broken(error)
    os._exit(0)


def _admit(told: Told, child: int, control: socket.socket) -> None:
    """Gives the child its limits and users, and gives up this process's own privileges. Raises OSError."""
    if control.recv(16) != READY:
        return
    for group in told.cgroups:
        linux.write(f"{group}/cgroup.procs", str(child))
    if told.user:
        for kind in ("uid", "gid"):
            linux.write(f"/proc/{child}/{kind}_map", f"0 {told.user} {IDS}\n")
        _be(told.user)
    linux.die_with_parent(told.parent)
    control.send(GO)


def _attend(told: Told, child: int, control: socket.socket) -> None:
    """Carries connections until the child has ended, or should have."""
    until = time.monotonic() + told.seconds + GRACE
    relay = None
    if told.addresses:
        _, listeners, _, _ = socket.recv_fds(control, 16, 1)
        if listeners:
            relay = Relay(socket.socket(fileno=listeners[0]), told.addresses, told.port)
    control.settimeout(0.02)
    while time.monotonic() < until and os.waitpid(child, os.WNOHANG)[0] == 0:
        try:
            heard = control.recv(16)
        except TimeoutError:
            continue
        if heard == SHUT and relay:
            relay.shut()
        if heard == SHUT:
            control.send(GO)
        if not heard:
            time.sleep(0.02)


def _leave(told: Told, control: socket.socket) -> None:
    """The child: into new namespaces, and there the first process. It never returns."""
    try:
        parent = os.getppid()
        if told.user:
            _be(told.user)
        user, group = os.geteuid(), os.getegid()
        linux.unshare(linux.EVERYTHING)
        if not told.user:
            linux.write("/proc/self/setgroups", "deny")
            linux.write("/proc/self/uid_map", f"0 {user} 1\n")
            linux.write("/proc/self/gid_map", f"0 {group} 1\n")
        control.send(READY)
        if control.recv(16) != GO:
            os._exit(1)
        linux.die_with_parent(parent)
        inner = os.fork()
        if inner == 0:
            _begin(told, control)
        control.close()
        os.waitpid(inner, 0)
        os._exit(0)
    except BaseException as error:  # noqa: BLE001 -- whatever it is, the worker must be told, and no copy of this go on
        first.broken(error)


def _begin(told: Told, control: socket.socket) -> None:
    try:
        linux.die_with_parent(0)  # it is in another namespace
        os.setsid()
        linux.write_if_allowed("/proc/self/oom_score_adj", "1000")
        address = inner_address(told.host)
        root = tree.Root(
            Path(told.base),
            told.whole,
            told.records,
            told.files,
            told.inodes,
            _hosts(told.host, address),
            _pip(told.pip),
        )
        tree.build(root)
        socket.sethostname("check")
        linux.loopback(address)
        if told.addresses:
            with socket.create_server((address, told.port), backlog=64) as listener:
                socket.send_fds(control, [b"listener"], [listener.fileno()])
        for name in ("user/max_user_namespaces", "kernel/shmmni", "fs/mqueue/queues_max"):
            linux.write_if_allowed(f"/proc/sys/{name}", "0")
        limits = {"files": told.files, "processes": told.processes, "seconds": int(told.seconds) + 1}
        linux.limit(memory=8 * told.memory, **limits)  # programs reserve more than they use, which is watched
        linux.no_new_privileges()
        calls.refuse()
        first.First(told, lambda: _shut(control)).check()
        os._exit(0)
    except BaseException as error:  # noqa: BLE001 -- as above
        first.broken(error)


def _shut(control: socket.socket) -> None:
    control.send(SHUT)
    control.recv(16)
    control.close()


def _be(user: int) -> None:
    """Becomes a user that owns nothing, and may still look at itself."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    linux.be_readable()


def inner_address(host: str) -> str:
    """Where the repository is found inside: where it is outside, if it is an address; else on loopback."""
    try:
        return str(ipaddress.IPv4Address(host))
    except ValueError:
        return "127.0.0.1"


def _hosts(host: str, address: str) -> str:
    named = f" {host}" if host and host != address else ""
    return f"127.0.0.1 localhost check{named}\n::1 localhost\n"


def _pip(descriptor: int) -> bytes:
    if descriptor < 0:
        return b""
    with os.fdopen(descriptor, "rb") as file:
        return file.read(PIP)
