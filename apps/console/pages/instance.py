"""The page of one instance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apps.console.pages.common import Action, Place, State
from apps.console.pages.deployment import Line


@dataclass(frozen=True)
class TargetLine:
    """How one target group, or classic load balancer, finds the instance."""

    name: str
    state: State
    reason: str


@dataclass(frozen=True)
class InstancePage:
    """`group` is empty for one outside of any; `blocked` says why its secrets are not for this reader."""

    place: Place | None
    environment: str
    region: str
    id: str
    group: str
    sentence: State
    targets: tuple[TargetLine, ...]
    facts: tuple[tuple[str, str], ...]
    beside: tuple[tuple[str, str], ...]  # what it was made of: text and link
    tags: tuple[tuple[str, str], ...]
    launched_at: datetime | None
    logs: str
    events: tuple[Line, ...]
    read_at: datetime | None
    actions: tuple[Action, ...] = ()  # what may be done to it by hand
    blocked: str = ""
    gone: bool = False  # all of it is as AWS told it last
