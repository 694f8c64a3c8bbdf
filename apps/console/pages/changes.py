"""What changed lately: a time line for whoever is on call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apps.console.pages.common import Action, HistoryLine


@dataclass(frozen=True)
class ChangeLine:
    """One deployment, or something else that somebody changed. Exactly one of `deployment` and `text` is set."""

    at: datetime
    deployment: HistoryLine | None = None
    back: Action | None = None  # how to undo it; blocked with the reason where it cannot be
    text: str = ""
    where: str = ""
    reason: str = ""


@dataclass(frozen=True)
class ChangesPage:
    """`more` says that older ones within the hours were left out."""

    hours: int
    choices: tuple[int, ...]
    lines: tuple[ChangeLine, ...]
    more: bool
