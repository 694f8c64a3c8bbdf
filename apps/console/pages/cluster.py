"""The cluster page: the groups of a cluster side by side, what runs between them, and what happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apps.console.pages.common import Action, HistoryLine, Place, State
from apps.console.pages.deployment import Line
from apps.console.pages.freezes import Frozen
from apps.console.pages.lock import LockLine, Repair
from apps.inventory.selectors.words import LEAVING, wanted
from apps.workflows.counting import instances


@dataclass(frozen=True)
class Square:
    """One instance. `health` is healthy, starting, unhealthy, draining or stopped."""

    id: str
    zone: str
    health: str
    reason: str = ""  # why, when it is not healthy


@dataclass(frozen=True)
class Column:
    """One group as a column. `differs` names the rows in which it is unlike the group to its left."""

    name: str
    short: str  # "v013"
    state: State
    version: str
    commit: str
    image_id: str
    image_name: str
    created_at: datetime
    traffic_percent: int
    requests_per_second: float | None
    measured_at: datetime | None  # the beginning of the period that the rates are of
    failure_percent: float | None
    squares: tuple[Square, ...]
    min_size: int
    desired: int
    max_size: int
    note: str = ""
    borrowed: tuple[str, ...] = ()  # what is changed for a while: by whom, and until when
    differs: tuple[str, ...] = ()

    @property
    def healthy(self) -> int:
        return sum(square.health == "healthy" for square in self.squares)

    @property
    def wanted(self) -> int:
        return wanted(self.desired, (square.health for square in self.squares))

    @property
    def leaving(self) -> int:
        return max(0, len(self.squares) - self.wanted)

    @property
    def health_words(self) -> str:
        words = f"{self.healthy} of {self.wanted} healthy"
        return f"{words}; {self.leaving} leaving" if self.leaving else words

    @property
    def failure_words(self) -> str:
        return f"{self.failure_percent or 0:.1f} %"

    @property
    def troubled(self) -> tuple[tuple[str, str], ...]:
        """Of whom something is to be said, and what: instances of which the same is said are counted together."""
        by_reason: dict[str, list[str]] = {}
        for square in self.squares:
            if square.reason and square.health != "healthy" and not (self.leaving and square.health in LEAVING):
                by_reason.setdefault(square.reason, []).append(square.id)
        said = [(ids[0] if len(ids) == 1 else instances(len(ids)), why) for why, ids in by_reason.items()]
        return tuple(said[:3])


@dataclass(frozen=True)
class Moving:
    """The deployment that runs on a cluster now."""

    id: int
    state: State
    what: str
    way: str  # "v012 → v013"
    sentence: str
    step: int
    steps: int
    actor: str
    started_at: datetime
    plan: tuple[tuple[str, str], ...] = ()  # each step's mark and title

    @property
    def percent(self) -> int:
        return round(100 * (self.step - 1) / self.steps) if self.steps else 0

    @property
    def progress_words(self) -> str:
        return f"Step {self.step} of {self.steps}"


@dataclass(frozen=True)
class ClusterPage:
    place: Place
    sentence: State
    last_change: HistoryLine | None
    columns: tuple[Column, ...]  # oldest first
    moving: Moving | None
    between: int  # how many columns stand left of the running deployment
    actions: tuple[Action, ...]
    history: tuple[HistoryLine, ...]
    read_at: datetime | None  # when the inventory was last read from AWS
    stale: bool  # older than it should be
    stale_words: str = ""
    frozen: tuple[Frozen, ...] = ()
    lock: LockLine | None = None
    unlock: str = ""  # where the lock can be broken; empty for who may not
    repairs: tuple[Repair, ...] = ()
    unread: bool = False  # AWS was not asked yet of all that may send it traffic
    last_event: Line | None = None  # what was decided beside deployments, where that came after the last of them

    @property
    def left(self) -> tuple[Column, ...]:
        return self.columns[: self.between] if self.moving else self.columns

    @property
    def right(self) -> tuple[Column, ...]:
        return self.columns[self.between :] if self.moving else ()
