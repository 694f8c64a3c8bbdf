"""The few Linux process settings that Python does not offer; elsewhere they do nothing and answer False."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_SET_PARENT_DEATH_SIGNAL = 1
_SET_CHILD_SUBREAPER = 36
_SET_NO_NEW_PRIVILEGES = 38


def _prctl(option: int, value: int) -> bool:
    if not sys.platform.startswith("linux"):
        return False
    return ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0) == 0


def die_with_parent(parent: int, number: int = signal.SIGKILL) -> None:
    """The kernel sends this process `number` when the thread that started it ends; ends it now if that was before."""
    if _prctl(_SET_PARENT_DEATH_SIGNAL, number) and os.getppid() != parent:
        os.kill(os.getpid(), number)


def adopt_orphans() -> bool:
    """Descendants whose parent ends become children of this process, so that it sees them end."""
    return _prctl(_SET_CHILD_SUBREAPER, 1)


def no_new_privileges() -> bool:
    """Neither this process nor what it starts can gain rights by running a set-user-id program."""
    return _prctl(_SET_NO_NEW_PRIVILEGES, 1)
