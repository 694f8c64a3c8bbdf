"""The embedded cloud as one object: its lock, its clock, its keys, its addresses, and one state per service.

Everything below is read and changed under `lock` only: by requests, by the engine, and by what the fleet tells.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from apps.localcloud.addresses import Addresses
from apps.localcloud.interfaces import DataPlane, Fleet
from apps.localcloud.keys import KeyRing
from apps.localcloud.options import Options
from apps.localcloud.scheduler import Scheduler

State = TypeVar("State")
_LITE_PACE = 50  # how much faster the cloud's own doings go in lite mode


def now() -> datetime:
    """The present, with the precision AWS shows (milliseconds)."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


@dataclass
class Cloud:
    options: Options
    addresses: Addresses
    keys: KeyRing
    endpoint: str
    lock: threading.RLock = field(default_factory=threading.RLock)
    scheduler: Scheduler = field(init=False)
    fleet: Fleet = field(init=False)
    data_plane: DataPlane = field(init=False)
    work: Path = field(init=False)  # absolute, without links
    began: datetime = field(default_factory=now)  # this time
    _states: dict[str, dict[tuple[str, str], object]] = field(default_factory=dict)  # by kind, then by place

    def __post_init__(self) -> None:
        self.scheduler = Scheduler(self.lock)
        self.work = self.options.work.resolve()

    def delay(self, seconds: float) -> float:
        """How long something takes here that is the cloud's own doing: `seconds`, in lite mode a fiftieth of them.

        What somebody chose (options, health checks, deregistration delays, grace periods) is not for this.
        """
        return seconds / _LITE_PACE if self.options.lite else seconds

    def state(self, kind: type[State], account: str, region: str) -> State:
        """The one `kind()` of this account and region, made at first use."""
        known = self._states.setdefault(kind.__name__, {})
        found = known.get((account, region))
        if found is None:
            found = known[account, region] = kind()
        if not isinstance(found, kind):
            raise TypeError(f"two kinds of state are called {kind.__name__}")
        return found

    @property
    def states(self) -> dict[str, dict[tuple[str, str], object]]:
        """Everything that `state` has made."""
        return self._states

    def go_on_from(self, states: dict[str, dict[tuple[str, str], object]]) -> None:
        """What an earlier process left of `states`."""
        self._states = states

    def places(self, kind: type[State]) -> list[tuple[str, str, State]]:
        """Every (account, region) that has a `kind`, with it."""
        known = self._states.get(kind.__name__, {})
        return [(account, region, one) for (account, region), one in known.items() if isinstance(one, kind)]
