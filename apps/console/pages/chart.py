"""Small charts of what happened while traffic moved: one line a group, drawn by the server."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class ChartLine:
    """One group's values. `paths` are its unbroken pieces, as points of a polyline; `last` is its value at the end."""

    name: str  # of the group, short, and its version
    look: str  # leaving or coming: chooses colour and dashes
    paths: tuple[str, ...]
    last: str


@dataclass(frozen=True)
class Chart:
    """`top` is the value at its upper edge; empty where there are no values. `sentence` says what the lines show."""

    title: str
    top: str
    lines: tuple[ChartLine, ...]
    sentence: str


@dataclass(frozen=True)
class ChartsPage:
    """`moved` is how far from the left traffic began to move, in units of the drawing; None before.

    `told_until` is until when the groups have published anything: CloudWatch is behind what the page says of now.
    """

    number: int
    since: datetime
    until: datetime
    told_until: datetime | None
    charts: tuple[Chart, ...]
    moved: float | None
    live: bool
    problem: str = ""
