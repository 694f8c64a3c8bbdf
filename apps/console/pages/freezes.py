"""Freezes as pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Frozen:
    """A freeze that is on, where it stands in the way."""

    id: int
    sentence: str


@dataclass(frozen=True)
class FreezeLine:
    """A freeze in a list. `starts` and `ends` are said in its own zone, and in UTC where that is another."""

    id: int
    what: str  # "api-prod in prod"
    starts: str
    starts_utc: str
    ends: str
    ends_utc: str
    starts_at: datetime
    ends_at: datetime
    actor: str
    reason: str
    ended: str = ""  # by whom before its time, and why
