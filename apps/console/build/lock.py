"""The lock of a cluster, its queue and its repairs from what is recorded of it."""

from __future__ import annotations

from apps.console.build.history import what
from apps.console.build.states import run_state
from apps.console.pages.lock import LockLine, Repair, Waiting
from apps.deployments.record import Record
from apps.workflows import selectors as workflows


def lock_line(record: Record) -> LockLine | None:
    """Who holds the cluster's lock, and who waits behind; None while nobody does."""
    held, running = record.lock, record.running
    if held is None:
        return None
    own = running is not None and running.run_id == held.run_id
    return LockLine(
        owner=held.owner,
        what=held.run.name,
        deployment=running.pk if running and own else None,
        reason=held.reason,
        since=held.taken_at,
        stuck=workflows.why_stuck(held.run),
        queue=tuple(Waiting(each.pk, what(each), each.actor, each.reason, each.created_at) for each in record.queue),
    )


def repairs(record: Record) -> tuple[Repair, ...]:
    """What was given back lately after a deployment that had ended."""
    return tuple(
        Repair(row.pk, run_state(row.state), row.failure or row.says or row.reason, row.created_at)
        for row in record.repairs
    )
