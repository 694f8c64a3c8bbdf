"""Leases on runs, by the database's clock. Whoever lost the lease can write nothing."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from apps.workflows.models import Run
from apps.workflows.statements import NOW, Sql, later, update

FRESH = 0.2  # the part of a lease for which a renewed one is not renewed again

DUE = "due_at <= STATEMENT_TIMESTAMP() AND (lease_until IS NULL OR lease_until < STATEMENT_TIMESTAMP())"  # and free
_OURS = "id = %s AND lease_token = %s"
_FREE: dict[str, Any] = {"lease_until": None, "lease_owner": ""}


class LostLease(Exception):
    """Another worker may have taken over: stop, write nothing."""


def seconds() -> float:
    """How long a lease lasts: longer than a cloud call can (15 s), so that a holder can still write its result."""
    return float(settings.LEASE_SECONDS)


@dataclass
class Lease:
    """The right to change one run until `deadline` (of this process's monotonic clock).

    `run` is its row as this lease last wrote or took it, at `now` by the database's clock.
    """

    run: Run
    now: datetime
    deadline: float
    errors: int = 0  # passing errors in a row, as the last look left them
    released: bool = False

    def guard(self) -> Sql:
        """Finds the run's row if the lease still holds by the database's clock."""
        return Sql(f"{_OURS} AND lease_until > STATEMENT_TIMESTAMP()", (self.run.pk, self.run.lease_token))

    def write(
        self, *, release: bool = False, unless: Sql | None = None, beside: Iterable[Sql] = (), **changes: Any
    ) -> bool:
        """Changes the run and renews the lease, or gives it back, in the caller's transaction.

        What is to be written `beside` is, if the lease holds. What somebody decided meanwhile is in `run` afterwards.
        Raises LostLease if the lease is gone; where the run is as `unless` says, nothing is written and False answered.
        """
        started, held = time.monotonic(), self.guard()
        lease = _FREE if release else {"lease_until": later(seconds())}
        where = Sql(f"{held.text} AND NOT ({unless.text})", held.params + unless.params) if unless else held
        written = update(Run, where, beside, changed_at=NOW, **lease, **changes)
        if not written and unless:
            return not self.write()
        if not written:
            raise LostLease(f"run {self.run.pk}")
        self.run, self.now = written[0]
        self.deadline, self.released = started + seconds(), release
        return True

    def renew(self) -> None:
        """Makes sure that nearly all of the lease is left; writes every few seconds only. Raises LostLease."""
        started = time.monotonic()
        if self.deadline - started > seconds() * (1 - FRESH):
            return
        if not update(Run, self.guard(), lease_until=later(seconds())):
            raise LostLease(f"run {self.run.pk}")
        self.deadline = started + seconds()

    def put_off(self, pause: float, says: str) -> None:
        """After a look that came to nothing: unless somebody took over, the run is looked at again later."""
        ours = Sql(f"{_OURS} AND due_at IS NOT NULL", (self.run.pk, self.run.lease_token))
        update(Run, ours, due_at=later(pause), says=says, errors=Sql("errors + 1"), changed_at=NOW, **_FREE)

    def release(self) -> None:
        """Gives the lease back, if that is not done yet. A lost lease is not an error here."""
        if not self.released:
            update(Run, self.guard(), **_FREE)
            self.released = True


def worker_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def claim(run_id: int, owner: str) -> Lease | None:
    """Takes the lease of a run that is due and free; None if it is not."""
    started = time.monotonic()
    claimed = update(
        Run,
        Sql(f"id = %s AND {DUE}", (run_id,)),
        lease_owner=owner,
        lease_until=later(seconds()),
        lease_token=Sql("lease_token + 1"),
    )
    if not claimed:
        return None
    run, now = claimed[0]
    return Lease(run, now, started + seconds())
