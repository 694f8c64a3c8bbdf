"""Leases on runs, by the database's clock. Whoever lost the lease can write nothing."""

from __future__ import annotations

import os
import socket
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import F, Q
from django.db.models.functions import Now

from apps.workflows.models import Run

SECONDS = 20.0  # longer than a cloud call can last (15 s), so that a holder can make one and still write its result
FRESH = 4.0  # seconds for which a renewed lease is not renewed again


class LostLease(Exception):
    """Another worker may have taken over: stop, write nothing."""


@dataclass
class Lease:
    """The right to change one run until `deadline` (of this process's monotonic clock)."""

    run_id: int
    token: int
    deadline: float
    errors: int = 0  # passing errors in a row, as the last look left them

    def guard(self) -> Any:
        """The run's row, if the lease still holds by the database's clock."""
        return Run.objects.filter(pk=self.run_id, lease_token=self.token, lease_until__gt=Now())

    def write(self, **changes: Any) -> None:
        """Changes the run and renews the lease, in the caller's transaction. Raises LostLease if it is gone."""
        started = time.monotonic()
        until = Now() + timedelta(seconds=SECONDS)
        if not self.guard().update(lease_until=until, changed_at=Now(), **changes):
            raise LostLease(f"run {self.run_id}")
        self.deadline = started + SECONDS

    def renew(self) -> None:
        """Makes sure that nearly all of the lease is left; writes every few seconds only. Raises LostLease."""
        started = time.monotonic()
        if self.deadline - started > SECONDS - FRESH:
            return
        if not self.guard().update(lease_until=Now() + timedelta(seconds=SECONDS)):
            raise LostLease(f"run {self.run_id}")
        self.deadline = started + SECONDS

    def put_off(self, seconds: float, says: str) -> None:
        """After a look that came to nothing: unless somebody took over, the run is looked at again later."""
        later = Now() + timedelta(seconds=seconds)
        ours = Run.objects.filter(pk=self.run_id, lease_token=self.token, due_at__isnull=False)
        ours.update(due_at=later, says=says, lease_until=None, lease_owner="", errors=F("errors") + 1, changed_at=Now())

    def release(self, **changes: Any) -> None:
        """Gives the lease back at once, with a last change. A lost lease is not an error here."""
        self.guard().update(lease_until=None, lease_owner="", **changes)


def worker_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def claim(run_id: int, owner: str) -> Lease | None:
    """Takes the lease of a run that is due and free; None if it is not."""
    started = time.monotonic()
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=Now())
    claimed = Run.objects.filter(free, pk=run_id, due_at__lte=Now()).update(
        lease_owner=owner, lease_until=Now() + timedelta(seconds=SECONDS), lease_token=F("lease_token") + 1
    )
    if not claimed:
        return None
    token = Run.objects.values_list("lease_token", flat=True).get(pk=run_id, lease_owner=owner)
    return Lease(run_id, token, started + SECONDS)
