"""Break-glass: freeing a resource whose owner does not go on, or, by force, one that does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from apps.events.services import record
from apps.workflows.models import Attempt, Lock, Run
from apps.workflows.selectors import holder, why_stuck
from apps.workflows.services.release import release
from apps.workflows.services.tell import tell_untold
from apps.workflows.states import Decision, Phase, RunState, check


class CannotTakeOver(Exception):
    """The lock stays where it is; the text says why."""


def take_over(
    resource: str, *, actor: str, reason: str, force: bool = False, where: Mapping[str, Any] | None = None
) -> Run:
    """Stops the run that holds a resource as it stands, and frees the lock; answers the stopped run.

    It is told as an event of `where`, the environment, region and cluster that it is about.
    Refused while the run goes on, unless `force` is given. What it still owes is given back by a repair. A call to AWS
    that a worker has under way cannot be called back: it may take effect for 15 seconds more. Raises CannotTakeOver.
    """
    if not reason.strip():
        raise CannotTakeOver("Say why: breaking a lock is recorded with its reason.")
    with transaction.atomic():
        run = _owner(resource)
        stuck = why_stuck(run)
        if not stuck and not force:
            raise CannotTakeOver(
                f"{run.name.capitalize()} of {run.actor} goes on by itself: {run.says or 'a step is being carried out'}"
                " Cancel it, or break its lock by force."
            )
        _stop(run, actor, reason)
        release(run)
        forced = "" if stuck else ", by force, while it went on"
        where = where or {}
        broke = f"{actor} broke the lock of {run.name}{forced}"
        _tell("lock.broken", run, actor, reason, broke, where, forced=not stuck)
        ended = f"{run.name.capitalize()} of {run.subject} ended: {run.failure}"
        _tell(f"run.{run.state}", run, actor, reason, ended, where)
    return run


def _owner(resource: str) -> Run:
    """The run that holds the lock, its row locked: a worker that ends it meanwhile comes before or after."""
    held = holder(resource)
    if held is None:
        raise CannotTakeOver(f"Nobody holds {resource}.")
    run = Run.objects.select_for_update().get(pk=held.run_id)
    if not Lock.objects.filter(resource=resource, run=run).exists():
        raise CannotTakeOver(f"{run.name.capitalize()} let go of it in this very moment.")
    return run


def _stop(run: Run, actor: str, reason: str) -> None:
    going_back = run.phase == Phase.UNDO or run.ending in {RunState.UNDONE, RunState.FAILED}
    ending = RunState.FAILED if going_back else RunState.CANCELLED
    check(run.state, ending)
    told = (run.failure, run.says, f"Stopped as it stood by {actor}, who broke its lock: {reason.rstrip('.')}.")
    if step := run.steps.filter(position=run.position).first():
        tell_untold(step, actor, reason)
    Attempt.objects.filter(step__run=run, ended_at__isnull=True).update(outcome="stopped", ended_at=Now())
    Run.objects.filter(pk=run.pk).update(
        state=ending,
        failure=" ".join(sentence for sentence in told if sentence),
        says="",
        decision=Decision.STOP,
        cancelled_by=actor,
        cancel_reason=reason,
        cancel_requested_at=Now(),
        ended_at=Now(),
        changed_at=Now(),
        due_at=None,
        lease_until=None,
        lease_owner="",
        lease_token=F("lease_token") + 1,  # whoever looks at it now can write nothing
    )
    run.refresh_from_db()


def _tell(kind: str, run: Run, actor: str, reason: str, summary: str, where: Mapping[str, Any], **after: bool) -> None:
    before = {"owner": run.actor, "run": run.pk, "lock": run.resource} if after else None
    record(
        kind,
        actor=actor,
        subject=run.subject,
        summary=summary,
        reason=reason,
        before=before,
        after=after or None,
        run=run.pk,
        **where,
    )
