"""Child processes that end with their parent, and the unprivileged user that servers run as when we are root."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypedDict

PR_SET_PDEATHSIG = 1
SOCKET_PATH_LIMIT = 80  # AF_UNIX allows 107 bytes; the servers add a file name of their own

POINTER, TEMPORARY = "elsewhere", "deployconsole-"


class Drop(TypedDict, total=False):
    """The keyword arguments of subprocess that drop root; empty when we are not root."""

    user: str
    group: int
    extra_groups: list[int]


def end_with_parent(how: signal.Signals = signal.SIGTERM) -> None:
    """Asks the kernel (Linux only) to send `how` to this process when its parent dies, by whatever signal."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, how)


def unprivileged() -> str | None:
    """The user that servers refusing uid 0 run as: "nobody" when we are root, else None (ourselves)."""
    return "nobody" if os.geteuid() == 0 else None


def walkable(folder: Path) -> bool:
    """Whether the unprivileged user may reach `folder`; always true when we are not root."""
    if unprivileged() is None:
        return True
    return all(part.stat().st_mode & 0o001 for part in [folder, *folder.parents] if part.exists())


def private_folder(wanted: Path) -> Path:
    """`wanted`, or a new temporary folder where `wanted` is out of the unprivileged user's reach or its path too long.

    The folder belongs to the unprivileged user when we are root, mode 0700.
    """
    wanted.mkdir(parents=True, exist_ok=True)
    fits = walkable(wanted.resolve().parent) and len(str(wanted.resolve())) <= SOCKET_PATH_LIMIT
    folder = wanted.resolve() if fits else _elsewhere(wanted)
    folder.chmod(0o700)
    give(folder)
    return folder


def _elsewhere(wanted: Path) -> Path:
    """A new temporary folder, noted in `wanted` so that `forget` finds it even after a crash."""
    folder = Path(tempfile.mkdtemp(prefix=TEMPORARY))
    (wanted / POINTER).write_text(str(folder))
    return folder


def forget(wanted: Path) -> None:
    """Removes what a private folder of an earlier time left, wherever it was. Raises OSError."""
    pointer = wanted / POINTER
    if pointer.exists():
        folder = Path(pointer.read_text())
        if folder.parent == Path(tempfile.gettempdir()) and folder.name.startswith(TEMPORARY):
            shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(wanted)


def give(path: Path) -> None:
    """Hands one path to the unprivileged user; does nothing when we are not root."""
    user = unprivileged()
    if user:
        entry = pwd.getpwnam(user)
        os.chown(path, entry.pw_uid, entry.pw_gid)


def run_as() -> Drop:
    """How a child is started as the unprivileged user."""
    user = unprivileged()
    if user is None:
        return {}
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def spawn(
    argv: Sequence[str | Path],
    log: Path,
    *,
    env: Mapping[str, str] | None = None,
    drop: bool = False,
    cwd: Path | None = None,
    pass_fds: Sequence[int] = (),
    dying: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Starts a child that writes to `log` and gets the signal `dying` when we die; `drop` runs it unprivileged.

    Call it from the main thread: the kernel takes the end of the calling thread for the parent's death.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    credentials = run_as() if drop else Drop()
    with log.open("ab") as out:
        return subprocess.Popen(
            [str(part) for part in argv],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=dict(env) if env is not None else None,
            cwd=cwd,
            pass_fds=pass_fds,
            start_new_session=True,  # a Ctrl-C in the terminal is ours to pass on, in order
            preexec_fn=partial(end_with_parent, dying),
            **credentials,
        )


def stop(process: subprocess.Popen[bytes], how: signal.Signals = signal.SIGTERM, patience: float = 10.0) -> int:
    """Asks the process to end, kills it after `patience` seconds, answers its exit code."""
    if process.poll() is None:
        process.send_signal(how)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    return process.returncode


def reachable_package(name: str, aside: Path) -> Path:
    """A wheel's folder where the unprivileged user can walk to it, else a copy of it below `aside`.

    The libraries that a wheel brings lie beside its folder and are found from there, so they are copied as well.
    """
    folder = package_folder(name)
    if walkable(folder.resolve()):
        return folder
    for part in (folder, folder.with_name(f"{name}.libs")):
        if part.exists() and not (aside / part.name).exists():
            shutil.copytree(part, aside / part.name, symlinks=True)
    return aside / name


def package_folder(name: str) -> Path:
    """Where a wheel is installed, found without importing it. Raises RuntimeError with the mend when it is not."""
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        raise RuntimeError(f"The package {name} is not installed: run `make setup`.")
    return Path(found.origin).parent
