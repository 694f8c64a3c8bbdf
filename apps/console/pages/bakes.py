"""Bakes: the list, and the page of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apps.console.pages.common import State
from apps.console.pages.deployment import RunPage
from apps.console.pages.image import Inside


@dataclass(frozen=True)
class BakeLine:
    """A bake in a list."""

    id: int
    state: State
    what: str  # "api 4.2.0"
    package: str
    application: str
    environment: str
    region: str
    actor: str
    reason: str
    at: datetime
    seconds: float | None  # None while it runs
    says: str = ""  # what it waits for, or why it did not go well


@dataclass(frozen=True)
class MadeLine:
    """An AMI that a bake made. `push` are the clusters it can be pushed to: their name and environment, and the link.

    `href` is empty until the inventory knows the AMI.
    """

    id: str
    region: str
    made_at: datetime
    href: str
    deleted_at: datetime | None = None
    push: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class BakePage(RunPage):
    """`log` is the end of what the builder printed; `log_words` says what of it is not shown."""

    application: str
    images: tuple[MadeLine, ...] = ()
    inside: tuple[Inside, ...] = ()
    inside_words: str = ""
    log: str = ""
    log_words: str = ""
