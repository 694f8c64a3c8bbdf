"""Advancing a run: look at its step, act once, write down what came of it, until there is something to wait for."""

from __future__ import annotations

import logging
import time

from apps.workflows import lease as leases
from apps.workflows.models import Run
from apps.workflows.services.nudge import send, send_all
from apps.workflows.services.release import pass_on_all
from apps.workflows.services.tick import Tick
from apps.workflows.statements import NOW, Sql, select, update

log = logging.getLogger(__name__)

BUDGET = 1.0  # seconds one message may keep a worker; then the others' turn comes, and the rest is done after that
PAUSE = 5.0  # seconds until a run is looked at again after a look that came to nothing
NUDGE_AGAIN = 5.0  # seconds; a message that was not heeded for so long is sent again


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
    return [run.pk for run in select(Run, Sql(f"{leases.DUE} ORDER BY due_at"))]


def sweep() -> int:
    """Nudges every due run; answers how many. This, not the broker, is what brings lost work back.

    A run whose nudge is still on its way is left out for some seconds, so that a backlog does not feed itself.
    """
    pass_on_all()
    nudged = "nudged_at >= due_at AND nudged_at > STATEMENT_TIMESTAMP() - make_interval(secs => %s)"
    found = update(Run, Sql(f"{leases.DUE} AND ({nudged}) IS NOT TRUE", (NUDGE_AGAIN,)), nudged_at=NOW)
    found.sort(key=lambda row: row[0].due_at or row[1])
    return send_all("workflows.advance", (run.pk for run, _ in found))
