"""The lock of a cluster, its queue and its repairs from rows."""

from __future__ import annotations

from collections.abc import Sequence

from apps.console.build.history import what
from apps.console.build.states import run_state
from apps.console.pages.lock import LockLine, Repair, Waiting
from apps.deployments import selectors
from apps.deployments.models import Deployment
from apps.inventory.models import Cluster
from apps.workflows import selectors as workflows
from apps.workflows.models import Run
from apps.workflows.states import RunState

REPAIRS = 3  # the latest


def waits(run: Run) -> bool:
    """Whether it only waits for its turn, as the engine's `queued` finds it."""
    return not run.planned and run.state == RunState.QUEUED and run.due_at is None


def running_of(cluster: Cluster, history: Sequence[Deployment]) -> Deployment | None:
    """The deployment that changes the cluster now; of a long queue, it may be older than the latest ones."""
    active = [each for each in history if not each.run.ended]
    found = next((each for each in active if not waits(each.run)), None)
    return found or (selectors.running_on(cluster) if active else None)


def lock_line(cluster: Cluster, running: Deployment | None) -> LockLine | None:
    """Who holds the cluster's lock, and who waits behind; None while nobody does."""
    held = workflows.holder(selectors.lock_name(cluster))
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
        queue=tuple(
            Waiting(each.pk, what(each), each.actor, each.reason, each.created_at)
            for each in selectors.queue_of(cluster)
        ),
    )


def repairs(cluster: Cluster) -> tuple[Repair, ...]:
    """What was given back lately after a deployment that had ended."""
    rows = Run.objects.filter(kind="repair", resource=selectors.lock_name(cluster)).order_by("-pk")[:REPAIRS]
    return tuple(
        Repair(row.pk, run_state(row.state), row.failure or row.says or row.reason, row.created_at) for row in rows
    )
