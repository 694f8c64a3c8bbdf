"""A run as a line of steps, and what is known at its end; the page of a deployment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apps.console.pages.common import Action, Place, State


@dataclass(frozen=True)
class Line:
    """Something that happened at a moment, or from then for `seconds`; by a `deployment`, where that has its number."""

    at: datetime
    text: str
    seconds: float | None = None
    deployment: int | None = None


@dataclass(frozen=True)
class Try:
    """One attempt at a step: when, how it went, who made it, and the calls it made of AWS, in words."""

    at: datetime
    until: datetime | None
    text: str
    worker: str
    calls: tuple[str, ...] = ()


_WORDS = {
    "done": "Done",
    "now": "Now",
    "failed": "Failed",
    "attend": "Needs somebody",
    "todo": "To come",
    "undoing": "Being taken back",
    "undone": "Taken back",
    "untouched": "Nothing to take back",
}


@dataclass(frozen=True)
class StepLine:
    """One step. `phase` is done, now, todo, failed, attend, undoing, undone, untouched or skipped."""

    key: str
    phase: str
    title: str
    sentence: str = ""
    started_at: datetime | None = None
    seconds: float | None = None  # how long it took, once done
    expected_seconds: float | None = None
    gives_up_at: datetime | None = None  # while it runs, where it has a limit
    tries: tuple[Try, ...] = ()

    @property
    def mark(self) -> str:
        marks = {"done": "serve", "now": "move", "failed": "fail", "attend": "attend", "todo": "wait"}
        return marks.get(self.phase, "rest")

    @property
    def word(self) -> str:
        return _WORDS.get(self.phase, "Not needed")

    @property
    def aside(self) -> str:
        """What is said beside the title of a step whose mark alone would not tell."""
        return self.word.lower() if self.phase in {"undoing", "undone", "untouched"} else ""


@dataclass(frozen=True, kw_only=True)
class RunPage:
    """What the pages of all runs show alike, whatever they do: a push, a bake."""

    id: int
    title: str
    headline: State
    advice: str  # what to do next; empty while it runs by itself
    live: bool
    steps: tuple[StepLine, ...]
    undo: tuple[StepLine, ...]  # in its own order, once it began
    facts: tuple[tuple[str, str], ...]
    actor: str
    reason: str
    created_at: datetime
    ended_at: datetime | None
    started_at: datetime | None = None
    expected_seconds: float | None = 0.0  # of all its steps, while it works at them; None: nobody can tell; else 0
    actions: tuple[Action, ...] = ()
    events: tuple[Line, ...] = ()
    calls: tuple[str, ...] = ()
    left_over: tuple[str, ...] = ()
    decide: str = ""  # where the reader may decide, while a person is asked
    links: tuple[tuple[str, str], ...] = ()  # a whole fact or advice, or an id in one, and where it leads


@dataclass(frozen=True, kw_only=True)
class DeploymentPage(RunPage):
    place: Place
    user_data: bool = False  # whether the reader may read what it changed of it
    diff: str = ""  # where it is told what differs between its two images; empty where there are not two
