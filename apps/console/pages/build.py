"""The list of builds and the page of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apps.console.pages.bakes import BakeLine
from apps.console.pages.common import HistoryLine, State
from apps.console.pages.image import UseLine


@dataclass(frozen=True)
class GateLine:
    """A gate, with the word for how it ended and where CI shows it."""

    name: str
    state: State
    url: str
    says: str
    at: datetime


@dataclass(frozen=True)
class BuildLine:
    """A build in a list."""

    id: int
    application: str
    package: str
    version: str
    number: str
    branch: str
    commit: str
    gates: tuple[GateLine, ...]
    at: datetime
    images: int = 0
    href: str = ""  # where its images are told
    does: tuple[tuple[State, str], ...] = ()  # what groups that launch them do, and in which environment and region


@dataclass(frozen=True)
class FoundIn:
    """An AMI with the build in it, as one environment knows it; `environment` is empty where none does."""

    id: str
    environment: str
    region: str
    state: State
    at: datetime | None


@dataclass(frozen=True)
class BuildPage:
    """A build: what CI said of it, and where it has gone since."""

    id: int
    title: str
    application: str
    sentence: State
    facts: tuple[tuple[str, str], ...]
    ci_url: str
    gates: tuple[GateLine, ...]
    changelog: str
    at: datetime
    bakes: tuple[BakeLine, ...]
    images: tuple[FoundIn, ...]
    uses: tuple[UseLine, ...]
    deployments: tuple[HistoryLine, ...]
