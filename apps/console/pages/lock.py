"""Who changes a cluster, who waits for it, and what is only changed for a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apps.console.pages.common import State


@dataclass(frozen=True)
class Waiting:
    """A deployment that waits for its turn."""

    id: int
    what: str
    actor: str
    reason: str
    since: datetime


@dataclass(frozen=True)
class LockLine:
    """The lock of a cluster. `stuck` says why its owner does not go on; empty while it does."""

    owner: str
    what: str  # "push 87"
    deployment: int | None
    reason: str
    since: datetime
    stuck: str
    queue: tuple[Waiting, ...]


@dataclass(frozen=True)
class Repair:
    """A run that gave back what another one had left."""

    id: int
    state: State
    text: str
    at: datetime
