"""Leases on runs, by the database's clock. Whoever lost the lease can write nothing."""

from __future__ import annotations

import os
import socket
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from apps.workflows.models import Run
from apps.workflows.returning import later, update_returning

FRESH = 0.2  # the part of a lease for which a renewed one is not renewed again


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

    def guard(self) -> QuerySet[Run]:
        """The run's row, if the lease still holds by the database's clock."""
        return Run.objects.filter(pk=self.run.pk, lease_token=self.run.lease_token, lease_until__gt=Now())

    def write(self, *, release: bool = False, unless: Q | None = None, **changes: Any) -> bool:
        """Changes the run and renews the lease, or gives it back, in the caller's transaction.

        What somebody decided meanwhile is in `run` afterwards. Raises LostLease if the lease is gone; where the run is
        as `unless` says, nothing is written and False answered.
        """
        started = time.monotonic()
        lease: dict[str, Any] = {"lease_until": later(seconds())}
        if release:
            lease = {"lease_until": None, "lease_owner": ""}
        rows = self.guard().exclude(unless) if unless else self.guard()
        written = update_returning(rows, changed_at=Now(), **lease, **changes)
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
        if not self.guard().update(lease_until=later(seconds())):
            raise LostLease(f"run {self.run.pk}")
        self.deadline = started + seconds()

    def put_off(self, pause: float, says: str) -> None:
        """After a look that came to nothing: unless somebody took over, the run is looked at again later."""
        ours = Run.objects.filter(pk=self.run.pk, lease_token=self.run.lease_token, due_at__isnull=False)
        ours.update(
            due_at=later(pause), says=says, lease_until=None, lease_owner="", errors=F("errors") + 1, changed_at=Now()
        )

    def release(self) -> None:
        """Gives the lease back, if that is not done yet. A lost lease is not an error here."""
        if not self.released:
            self.guard().update(lease_until=None, lease_owner="")
            self.released = True


def worker_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def claim(run_id: int, owner: str) -> Lease | None:
    """Takes the lease of a run that is due and free; None if it is not."""
    started = time.monotonic()
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=Now())
    claimed = update_returning(
        Run.objects.filter(free, pk=run_id, due_at__lte=Now()),
        lease_owner=owner,
        lease_until=later(seconds()),
        lease_token=F("lease_token") + 1,
    )
    if not claimed:
        return None
    run, now = claimed[0]
    return Lease(run, now, started + seconds())
