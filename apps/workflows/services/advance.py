"""Advancing a run: look at its step, act once, write down what came of it, until there is something to wait for."""

from __future__ import annotations

import logging
import time

from django.db.models import Q
from django.db.models.functions import Now

from apps.workflows import lease as leases
from apps.workflows.models import Run
from apps.workflows.services.nudge import send, send_all
from apps.workflows.services.release import pass_on_all
from apps.workflows.services.tick import Tick

log = logging.getLogger(__name__)

BUDGET = 10.0  # seconds one message may keep a worker; the rest is done on the next nudge
PAUSE = 5.0  # seconds until a run is looked at again after a look that came to nothing
SWEEP_LIMIT = 500


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
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=Now())
    return list(
        Run.objects.filter(free, due_at__lte=Now()).order_by("due_at").values_list("pk", flat=True)[:SWEEP_LIMIT]
    )


def sweep() -> int:
    """Nudges every due run; answers how many. This, not the broker, is what brings lost work back."""
    pass_on_all()
    return send_all("workflows.advance", due())
