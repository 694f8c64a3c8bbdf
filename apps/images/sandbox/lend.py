"""A program that lends a container, which has no network, the one way to its repository; until its input is closed.

It is told in a line of JSON on its standard input, and says in a line that the way is open, or why it is not.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path

from apps.images.sandbox import linux
from apps.images.sandbox.main import inner_address
from apps.images.sandbox.relay import Relay

OPEN = "open"


def main() -> None:
    """Ends with its input, or with the worker."""
    told = json.loads(sys.stdin.readline())
    linux.die_with_parent(told["parent"])
    outside, inside = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    child = os.fork()
    if child == 0:
        _listen(told, inside)
    inside.close()
    said, listeners, _, _ = socket.recv_fds(outside, 1024, 1)
    os.waitpid(child, 0)
    if not listeners:
        print(said.decode(errors="replace") or "it says nothing", flush=True)
        return
    relay = Relay(socket.socket(fileno=listeners[0]), told["addresses"], told["port"])
    print(OPEN, flush=True)
    sys.stdin.read()
    relay.shut()
    os._exit(0)  # with what it carries still


def _listen(told: dict[str, object], control: socket.socket) -> None:
    """The child: in the container's network it makes the socket that is lent, and ends."""
    try:
        _enter(int(str(told["pid"])), str(told["mark"]))
        address = inner_address(str(told["host"]))
        linux.loopback(address)
        with socket.create_server((address, int(str(told["port"]))), backlog=64) as listener:
            socket.send_fds(control, [b"listener"], [listener.fileno()])
    except BaseException as error:  # noqa: BLE001 -- whatever it is, the worker must be told, and no copy of this go on
        control.send(str(error).encode()[:1024])
    finally:
        os._exit(0)


def _enter(pid: int, mark: str) -> None:
    """Joins the network of a process that has the mark among its words: an engine may speak of another machine's."""
    process = Path("/proc", str(pid))
    if mark not in (process / "cmdline").read_text(errors="replace"):
        raise OSError(f"process {pid} of this machine is not the container's")
    users, network = ((process / "ns" / name).open("rb") for name in ("user", "net"))
    with users, network:
        if os.fstat(users.fileno()).st_ino != (Path("/proc/self/ns/user")).stat().st_ino:
            linux.join(users.fileno())
        linux.join(network.fileno())
