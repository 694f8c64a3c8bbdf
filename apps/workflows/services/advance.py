"""Advancing a run: look at its step, act once, write down what came of it, until there is something to wait for."""

from __future__ import annotations

import logging
import time
from datetime import timedelta

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from apps.workflows import lease as leases
from apps.workflows.models import Run
from apps.workflows.returning import update_returning
from apps.workflows.services.nudge import send, send_all
from apps.workflows.services.release import pass_on_all
from apps.workflows.services.tick import Tick

log = logging.getLogger(__name__)

BUDGET = 1.0  # seconds one message may keep a worker; then the others' turn comes, and the rest is done after that
PAUSE = 5.0  # seconds until a run is looked at again after a look that came to nothing
NUDGE_AGAIN = timedelta(seconds=5)  # a message that was not heeded for so long is sent again


def advance(run_id: int) -> None:
    """Carries the run on as far as it goes now. Harmless to call at any time, any number of times, anywhere."""
    lease = leases.claim(run_id, leases.worker_name())
    if lease is None:
        return
    until = time.monotonic() + BUDGET
    tick = Tick(lease)
    try:
        while tick.once() and time.monotonic() < until:
            pass
    except leases.LostLease:
        log.warning("run %s: the lease ended before the look did", run_id)
        lease.put_off(PAUSE, "A look took longer than it may; trying again.")
        return
    except Exception as error:  # a run that cannot be looked at must not be looked at in a loop
        lease.put_off(PAUSE, f"The engine stumbled and tries again: {type(error).__name__}: {error}")
        raise
    lease.release()
    if tick.more:
        send("workflows.advance", run_id)


def due() -> list[int]:
    """Runs that are due and that no worker holds, those that waited longest first."""
    return list(_due().order_by("due_at").values_list("pk", flat=True))


def sweep() -> int:
    """Nudges every due run; answers how many. This, not the broker, is what brings lost work back.

    A run whose nudge is still on its way is left out for some seconds, so that a backlog does not feed itself.
    """
    pass_on_all()
    on_its_way = Q(nudged_at__gte=F("due_at"), nudged_at__gt=Now() - NUDGE_AGAIN)
    found = update_returning(_due().exclude(on_its_way), nudged_at=Now())
    found.sort(key=lambda row: row[0].due_at or row[1])
    return send_all("workflows.advance", (run.pk for run, _ in found))


def _due() -> QuerySet[Run]:
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=Now())
    return Run.objects.filter(free, due_at__lte=Now())
