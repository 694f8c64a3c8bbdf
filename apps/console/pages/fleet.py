"""Home, applications and environments: many clusters on one page, a line or a cell each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apps.console.pages.bakes import BakeLine
from apps.console.pages.build import BuildLine
from apps.console.pages.common import HistoryLine, Place, State
from apps.console.pages.freezes import Frozen
from apps.workflows.counting import instances


@dataclass(frozen=True)
class Moves:
    """What changes a cluster now, in a few words."""

    id: int  # of the deployment
    state: State
    what: str


@dataclass(frozen=True)
class ClusterLine:
    """A cluster in short: what serves, whether it is well, and what moves."""

    place: Place
    state: State
    version: str
    healthy: int  # of those that serve
    instances: int  # wanted of the groups that serve; where none does, all that stand there
    moves: Moves | None = None

    @property
    def health_words(self) -> str:
        if self.version:
            return f"{self.healthy} of {self.instances} healthy"
        return instances(self.instances) if self.instances else "no instances"


@dataclass(frozen=True)
class HomePage:
    moving: tuple[HistoryLine, ...]
    waiting: tuple[HistoryLine, ...]  # need a person
    failed: tuple[HistoryLine, ...]
    mine: bool  # the clusters below are those of the reader's own applications
    clusters: tuple[ClusterLine, ...]
    more: bool  # there are more clusters than are shown
    read_at: datetime | None
    stale: str = ""  # that some of it is older than it should be, and why
    frozen: tuple[Frozen, ...] = ()
    baking: tuple[BakeLine, ...] = ()  # under way, and those that ask for a person
    not_baked: tuple[BakeLine, ...] = ()  # lately, where that was not asked for


@dataclass(frozen=True)
class MatrixRow:
    """A cluster name, and its cell in each column where it exists."""

    name: str
    cells: tuple[ClusterLine | None, ...]


@dataclass(frozen=True)
class ApplicationPage:
    name: str
    facts: tuple[tuple[str, str], ...]
    repository_url: str
    discovered: bool
    columns: tuple[tuple[str, str], ...]  # environment, region
    rows: tuple[MatrixRow, ...]
    history: tuple[HistoryLine, ...]
    read_at: datetime | None
    builds: tuple[BuildLine, ...] = ()  # the newest
    stale: str = ""  # that it is older than it should be
    frozen: tuple[Frozen, ...] = ()
    recipe: tuple[tuple[str, str], ...] = ()  # the usual of it; empty where there is none
    bakes: tuple[BakeLine, ...] = ()
