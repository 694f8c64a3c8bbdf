"""The goals of a benchmark: told beside the number that they are for, and those that were missed again at its end."""

from __future__ import annotations

import sys
from typing import NoReturn

_missed: list[str] = []


def at_most(what: str, value: float, goal: float, unit: str = "") -> str:
    """Says "goal at most 10 s", to be printed behind the value; one above it is told again by `end`."""
    return _told(what, value, f"at most {_number(goal)}", unit, met=value <= goal)


def at_least(what: str, value: float, goal: float, unit: str = "") -> str:
    """The same of a value that must not be lower."""
    return _told(what, value, f"at least {_number(goal)}", unit, met=value >= goal)


def end() -> NoReturn:
    """The last lines: each goal that was missed. Ends the program, with status 1 if there is one."""
    for line in _missed:
        print(f"missed: {line}", flush=True)
    sys.exit(bool(_missed))


def _told(what: str, value: float, goal: str, unit: str, *, met: bool) -> str:
    words = f"goal {goal} {unit}".rstrip()
    if not met:
        _missed.append(f"{what}: {_number(value)} {unit}".rstrip() + f", {words}")
    return words if met else f"{words}, missed"


def _number(value: float) -> str:
    return f"{value:.3g}" if abs(value) < 100 else f"{value:,.0f}"
