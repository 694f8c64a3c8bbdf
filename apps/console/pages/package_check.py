"""The page of a build's quick check."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apps.console.pages.common import State


@dataclass(frozen=True)
class CheckPage:
    """The newest check of a build; `state` without any says so. `live` while it goes on."""

    build: int
    title: str
    application: str
    state: State
    live: bool = False
    facts: tuple[tuple[str, str], ...] = ()
    at: datetime | None = None
    installed: tuple[tuple[str, str], ...] = ()
    log: str = ""
    log_words: str = ""
