"""Consoles: one log file an instance, of which the end is kept."""

from __future__ import annotations

from pathlib import Path

KEPT = 64 * 1024  # bytes, as GetConsoleOutput gives
_TRIM_AT = 4 * KEPT


def tail(log: Path) -> bytes:
    """The last 64 KB; empty when there is no such log."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, 2) - KEPT))
            return file.read(KEPT)
    except FileNotFoundError:
        return b""


def trim(log: Path) -> None:
    """Cuts a log that has grown long down to its end; its writers append, so they go on after it."""
    if log.exists() and log.stat().st_size > _TRIM_AT:
        kept = tail(log)
        with log.open("r+b") as file:
            file.truncate()
            file.write(kept)
