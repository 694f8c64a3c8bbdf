"""Spans of time: in words, and of several steps together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol


class Expected(Protocol):
    """A step, planned or frozen into a row."""

    @property
    def expected_seconds(self) -> float | None: ...


def in_all(steps: Iterable[Expected]) -> float | None:
    """Seconds that steps are expected to take together; None where nobody can tell of one of them."""
    known = [step.expected_seconds for step in steps]
    return None if None in known else sum(seconds for seconds in known if seconds is not None)


def span(seconds: float) -> str:
    """A time in words, by its two largest units: "2 h 5 min", "90 s" is "1 min 30 s"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    if minutes:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{rest} s"
