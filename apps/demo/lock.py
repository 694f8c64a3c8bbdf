"""One demo at a time in a folder: a file lock, which the kernel frees however its holder ends."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path


class AlreadyRunningError(RuntimeError):
    """Another demo holds the folder; the message says which process and how to stop it."""


@contextlib.contextmanager
def held(path: Path) -> Iterator[None]:
    """Holds the lock while the block runs. Raises AlreadyRunningError at once when somebody else does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            pid = file.read().strip() or "unknown"
            raise AlreadyRunningError(
                f"A demo is running already (process {pid}). Stop it with Ctrl-C where it runs, or: kill {pid}"
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)
