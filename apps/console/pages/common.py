"""Values that several pages show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.text import slugify


@dataclass(frozen=True)
class State:
    """A state in words; `kind` (serve, move, attend, fail, rest, wait) chooses mark and colour."""

    kind: str
    word: str


@dataclass(frozen=True)
class Place:
    """A cluster's address: what a page about it needs for its breadcrumb and links."""

    application: str
    environment: str
    region: str
    cluster: str
    production: bool = False

    @property
    def address(self) -> tuple[str, str, str]:
        return (self.environment, self.region, self.cluster)


@dataclass(frozen=True)
class Action:
    """A button: what it says, where it leads, and why it cannot be pressed where it cannot."""

    text: str
    href: str
    primary: bool = False
    blocked: str = ""  # the reason; empty when it can be pressed
    apart: bool = False  # in a menu, a line stands before it
    danger: bool = False  # something may be lost by it

    @property
    def key(self) -> str:
        """Tells it from others on its page: what takes its place later must not inherit its focus."""
        return f"action-{slugify(self.text)}"

    @property
    def why(self) -> str:
        """Tells the sentence that says why it is blocked, which actions may share."""
        return f"why-{slugify(self.blocked)}"


@dataclass(frozen=True)
class HistoryLine:
    """One deployment in a list."""

    id: int
    state: State
    what: str  # "Push of 4.2.0", "Roll back to v012"
    place: Place
    versions: str  # "4.1.9 → 4.2.0"
    actor: str
    reason: str
    at: datetime
    seconds: float | None  # None while it runs
    says: str = ""  # what it waits for, or why it did not go well
