"""Which processes run, each known by its pid and by when it started.

A pid alone does not do: a run of this suite starts so many processes and threads that the kernel gives out every pid
again within a minute or two, and what then runs under it is somebody else's.
"""

from __future__ import annotations

from collections.abc import Iterable

import psutil


def of(*pids: int) -> set[psutil.Process]:
    """The processes that run under these pids now. Raises psutil.NoSuchProcess."""
    return {psutil.Process(pid) for pid in pids}


def below(ancestor: int) -> set[psutil.Process]:
    """The processes below one, at any depth. Raises psutil.NoSuchProcess when it does not run."""
    return set(psutil.Process(ancestor).children(recursive=True))


def alive(processes: Iterable[psutil.Process]) -> dict[int, str]:
    """Those that still run, with their command lines; one that ended and waits to be noticed does not run."""
    return {each.pid: command_line(each) for each in processes if _runs(each)}


def command_line(process: psutil.Process) -> str:
    """Its words; empty when it has ended."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    except psutil.NoSuchProcess:
        return False
