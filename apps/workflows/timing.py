"""Spans of time in words."""

from __future__ import annotations


def span(seconds: float) -> str:
    """A time in words, by its two largest units: "2 h 5 min", "90 s" is "1 min 30 s"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    if minutes:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{rest} s"
