"""What a plan is made of, and what a step may answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class PlannedStep:
    """A step to be. `changes` says in words what it will change; times are seconds.

    `expected_seconds` is None where nobody can tell, and never beyond the time at which the step gives up.
    """

    kind: str
    title: str
    params: Mapping[str, Any] = field(default_factory=dict)
    changes: tuple[str, ...] = ()
    irreversible: bool = False
    timeout_seconds: float | None = None
    expected_seconds: float | None = None

    def __post_init__(self) -> None:
        expected, limit = self.expected_seconds, self.timeout_seconds
        if expected is not None and limit is not None and expected > limit:
            object.__setattr__(self, "expected_seconds", limit)


@dataclass(frozen=True)
class Change:
    """Something outside that was changed, told as an event in the same transaction as the step's end.

    `where` may name environment, region and cluster.
    """

    kind: str
    subject: str
    summary: str
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    where: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Done:
    """The step is complete; `facts` are for later steps, `changes` for the record.

    `repaid` are primary keys of ledger items that were given back; `also` are writes of the floors above. All of it
    is written in one transaction with the step's end, or not at all.
    """

    says: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    repaid: tuple[int, ...] = ()
    also: tuple[Callable[[], object], ...] = ()


@dataclass(frozen=True)
class Wait:
    """Nothing to do for now: look again in `seconds`. `says` tells in one sentence what is waited for."""

    seconds: float
    says: str


@dataclass(frozen=True)
class NeedsPerson:
    """Only a person can decide how to go on."""

    says: str


@dataclass(frozen=True)
class Failed:
    """The step cannot be completed; the run is undone (or, past the point of no return, asks a person)."""

    says: str


Outcome = Done | Wait | NeedsPerson | Failed


@dataclass(frozen=True)
class Planned:
    """The steps of a run that waited for its lock; `also` are writes in the same transaction."""

    steps: tuple[PlannedStep, ...]
    also: tuple[Callable[[], object], ...] = ()
