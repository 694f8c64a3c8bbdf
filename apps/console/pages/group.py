"""The page of one Auto Scaling group: its instances, its settings, what is changed of it, what happened to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apps.console.pages.common import Action, Place, State
from apps.console.pages.deployment import Line


@dataclass(frozen=True)
class InstanceLine:
    """One instance of the group."""

    id: str
    state: State
    reason: str
    zone: str
    type: str
    image: str  # version, else id, where it is not that of the group; empty where it is
    template_version: str
    address: str
    protected: bool
    launched_at: datetime | None
    logs: str  # link; empty where the application names none
    actions: tuple[Action, ...] = ()  # what may be done to it by hand, by this reader


@dataclass(frozen=True)
class Suspension:
    """Processes suspended alike, and what AWS says of that; `by` whom, `at` when and why, where it was done here."""

    names: tuple[str, ...]
    says: str
    by: str = ""
    at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True)
class GroupPage:
    """`place` is None for a group whose name does not follow the grammar: it is shown, and left alone."""

    place: Place | None
    environment: str
    region: str
    name: str
    sentence: State
    actions: tuple[Action, ...]  # what may be done to it by hand
    further: tuple[Action, ...]  # what is done less often
    instances: tuple[InstanceLine, ...]
    facts: tuple[tuple[str, str], ...]
    beside: tuple[tuple[str, str], ...]  # pages of what belongs to it: what it says, and the link
    settings: tuple[tuple[str, str], ...]  # further ones, in AWS's names
    tags: tuple[tuple[str, str], ...]
    suspended: tuple[Suspension, ...]
    borrowed: tuple[str, ...]
    events: tuple[Line, ...]
    read_at: datetime | None
    stale_words: str = ""  # why the data is older than it should be; empty when it is not


@dataclass(frozen=True)
class Detail:
    """One thing that a group has, as a policy: what it is, and what it does in a line or two."""

    name: str
    words: tuple[str, ...]
    state: State | None = None
    actions: tuple[Action, ...] = ()  # what may be done to it by hand, by this reader


@dataclass(frozen=True)
class DetailList:
    """Things of one kind; `none` says that there are none."""

    title: str
    none: str
    details: tuple[Detail, ...]
    actions: tuple[Action, ...] = ()  # what makes another one


@dataclass(frozen=True)
class ActivityLine:
    at: datetime
    state: State
    text: str
    cause: str
    seconds: float | None


@dataclass(frozen=True)
class DetailsPage:
    """What AWS tells beyond it, read when the page was opened; `problem` says why it could not be read."""

    read_at: datetime | None = None
    lists: tuple[DetailList, ...] = ()
    activities: tuple[ActivityLine, ...] = ()
    problem: str = ""
