"""The calls to Linux that Python does not have: namespaces, mounts, and what a process may not do from then on."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import resource
import signal
import socket
import struct
from pathlib import Path

NEW_MOUNTS, NEW_CGROUP, NEW_UTS, NEW_IPC, NEW_USER, NEW_PID, NEW_NET = (
    0x00020000,
    0x02000000,
    0x04000000,
    0x08000000,
    0x10000000,
    0x20000000,
    0x40000000,
)
EVERYTHING = NEW_MOUNTS | NEW_CGROUP | NEW_UTS | NEW_IPC | NEW_USER | NEW_PID | NEW_NET
READ_ONLY, NO_SUID, NO_DEVICES, NO_EXEC, REMOUNT, BIND, RECURSIVE, PRIVATE = (
    1,
    2,
    4,
    8,
    32,
    4096,
    16384,
    1 << 18,
)
DETACH = 2
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}  # the number of the call, which the C library does not have
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 4, 24, 38
LAST_CAPABILITY = 63
# What installing packages takes: chown, dac_override, fowner, fsetid, kill, setgid, setuid, net_bind_service,
# sys_chroot, setfcap
KEPT = frozenset({0, 1, 3, 4, 5, 6, 7, 10, 18, 31})
SIOCSIFFLAGS, SIOCSIFADDR, IFF_UP_RUNNING = 0x8914, 0x8916, 0x41

_libc = ctypes.CDLL(None, use_errno=True)


def unshare(flags: int) -> None:
    """This process (its children, of a new process namespace) leaves the namespaces that it is in. Raises OSError."""
    _checked(_libc.unshare(flags), "new namespaces")


def join(namespace: int) -> None:
    """This process enters the namespace that an open file of `/proc` names. Raises OSError."""
    _checked(_libc.setns(namespace, 0), "entering a namespace")


def mount(source: str, target: str | Path, kind: str = "", flags: int = 0, options: str = "") -> None:
    """Raises OSError that names the target."""
    at, of = os.fsencode(target), kind.encode() or None
    done = _libc.mount(source.encode(), at, of, ctypes.c_ulong(flags), options.encode())
    _checked(done, f"mounting {kind or source} at {target}")


def bind(source: Path, target: Path, flags: int = 0) -> None:
    """Shows `source` at `target`; `flags` are added to what its own mount forbids. Raises OSError."""
    mount(str(source), target, flags=BIND | RECURSIVE)
    if flags:
        held = os.statvfs(target).f_flag & (READ_ONLY | NO_SUID | NO_DEVICES | NO_EXEC)
        mount("none", target, flags=BIND | REMOUNT | flags | held)


def unmount(target: Path) -> None:
    _checked(_libc.umount2(os.fsencode(target), DETACH), f"unmounting {target}")


def pivot(root: Path, old: Path) -> None:
    """Makes `root` the root of this process, whose old one is found at `old` from then on. Raises OSError."""
    number = PIVOT_ROOT.get(os.uname().machine)
    if number is None:
        raise OSError(f"this processor is {os.uname().machine}")
    _checked(_libc.syscall(ctypes.c_long(number), os.fsencode(root), os.fsencode(old)), "changing the root")
    os.chdir("/")


def die_with_parent(parent: int) -> None:
    """This process is killed when its parent, which must be `parent` still, ends; asked anew after a change of user."""
    control(PR_SET_PDEATHSIG, signal.SIGKILL, what="dying with the parent")
    if os.getppid() != parent:
        os._exit(1)


def be_readable() -> None:
    """A process that changed its user may look at itself again: at what it needs to set its own limits."""
    control(PR_SET_DUMPABLE, 1, what="reading its own state")


def control(option: int, *values: int, what: str) -> None:
    """Sets something of this process by `prctl`. Raises OSError that says what."""
    _checked(_libc.prctl(option, *map(ctypes.c_ulong, (*values, *[0] * (4 - len(values))))), what)


def confine() -> None:
    """From the next program on, this process has no privilege that installing packages does not take."""
    for capability in range(LAST_CAPABILITY + 1):
        if capability not in KEPT:
            _libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)  # those that the kernel does not know are refused
    no_new_privileges()


def no_new_privileges() -> None:
    """No program gives this process more than it has: what is marked to run as another user runs as this one."""
    control(PR_SET_NO_NEW_PRIVS, 1, what="giving up new privileges")


def limit(*, memory: int, files: int, processes: int, seconds: int) -> None:
    """Limits of this process and all that it starts: bytes of memory each, of a file; processes together."""
    wanted = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_FSIZE: files,
        resource.RLIMIT_NPROC: processes,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: 1024,
    }
    for name, most in wanted.items():
        hard = resource.getrlimit(name)[1]
        value = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(name, (value, value))


def loopback(address: str) -> None:
    """Brings up the loopback interface of a new network namespace, with one more IPv4 address. Raises OSError."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        fcntl.ioctl(asking, SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", IFF_UP_RUNNING))
        if not address.startswith("127."):
            packed = socket.inet_aton(address)
            fcntl.ioctl(asking, SIOCSIFADDR, struct.pack("16sH2x4s16x", b"lo:1", socket.AF_INET, packed))


def write(path: str, text: str) -> None:
    """Into one of the kernel's files. Raises OSError."""
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def write_if_allowed(path: str, text: str) -> None:
    with contextlib.suppress(OSError):
        write(path, text)


def _checked(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
