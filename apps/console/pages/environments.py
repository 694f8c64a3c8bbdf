"""Environments: the accounts with their regions, how old what we know of each is, and what could not be read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apps.console.pages.common import State


@dataclass(frozen=True)
class KindLine:
    """One kind of resource: when it was last read, and whether the last try failed."""

    name: str
    read_at: datetime | None
    failed: bool


@dataclass(frozen=True)
class RegionLine:
    """One region: `read_at` is of the kind that was read the longest time ago; None while one was never read."""

    name: str
    state: State
    read_at: datetime | None
    kinds: tuple[KindLine, ...]


@dataclass(frozen=True)
class EnvironmentLine:
    name: str
    production: bool
    description: str
    account: str
    role: str  # empty: the console's own credentials
    images_from: str
    regions: tuple[RegionLine, ...]


@dataclass(frozen=True)
class Failure:
    """Reads that failed alike: what AWS said to the first of them, where it was so, of what, and what mends it."""

    says: str
    where: str
    kinds: str
    mend: str


@dataclass(frozen=True)
class EnvironmentsPage:
    environments: tuple[EnvironmentLine, ...]
    failures: tuple[Failure, ...]
