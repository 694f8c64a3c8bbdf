"""What changed lately: a time line for whoever is on call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apps.console.pages.common import Action, HistoryLine, State

PHASES = {"serve": "done", "move": "now", "attend": "attend", "fail": "failed", "wait": "todo"}  # of the time line


@dataclass(frozen=True)
class ChangeLine:
    """One deployment, or something else that somebody changed. Exactly one of `deployment` and `text` is set."""

    key: str
    at: datetime  # when it ended; of what goes on, when it began
    state: State
    deployment: HistoryLine | None = None
    back: Action | None = None  # how to undo it; blocked with the reason where it cannot be
    text: str = ""
    href: str = ""  # where it is told at length
    says: tuple[str, ...] = ()  # how it ended, or what was changed to what: a sentence or a field each
    where: str = ""
    cluster: tuple[str, str, str] | None = None  # environment, region and name, where it is about one
    reason: str = ""

    @property
    def phase(self) -> str:
        return PHASES.get(self.state.kind, "undone")
