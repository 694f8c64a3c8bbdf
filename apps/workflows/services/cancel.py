"""Asking a run to stop: it undoes what it did, by the same path as a failure."""

from __future__ import annotations

from django.db import transaction
from django.db.models.functions import Now

from apps.events.services import record
from apps.workflows.models import Lock, Run, Step
from apps.workflows.services.nudge import nudge
from apps.workflows.states import Phase, RunState, StepState, check


class CannotCancel(Exception):
    """The run is past what cancelling could do; the text says why."""


def why_not_cancel(run: Run) -> str:
    """Why the run cannot be cancelled, in one sentence; empty if it can."""
    if run.ended:
        return f"Run {run.pk} has ended already: {run.get_state_display().lower()}."
    if run.phase == Phase.UNDO:
        return f"Run {run.pk} is being undone already."
    if run.phase == Phase.SETTLE:
        return f"Run {run.pk} has done its work and is just finishing."
    passed = run.steps.filter(irreversible=True).exclude(state=StepState.PENDING).first()
    if passed:
        return f"Run {run.pk} is past its point of no return: “{passed.title}” has started."
    return ""


def cancel(run_id: int, *, actor: str, reason: str) -> Run:
    """Requests cancellation. A run that never began ends at once; any other is undone. Raises CannotCancel."""
    with transaction.atomic():
        run = Run.objects.select_for_update().get(pk=run_id)
        why = why_not_cancel(run)
        if why:
            raise CannotCancel(why)
        run.cancelled_by, run.cancel_reason = actor, reason
        if run.state == RunState.QUEUED and not Step.objects.filter(run=run, started_at__isnull=False).exists():
            _end_unstarted(run)
        Run.objects.filter(pk=run.pk).update(
            cancel_requested_at=Now(),
            cancelled_by=actor,
            cancel_reason=reason,
            due_at=None if run.ended else Now(),
            changed_at=Now(),
        )
        record(
            "run.cancel_requested",
            actor=actor,
            subject=run.subject,
            summary=f"{actor} cancelled {run.kind} {run.pk}",
            reason=reason,
            run=run.pk,
        )
        nudge(run.pk)
    run.refresh_from_db()
    return run


def _end_unstarted(run: Run) -> None:
    check(run.state, RunState.CANCELLED)
    Run.objects.filter(pk=run.pk).update(
        state=RunState.CANCELLED, ended_at=Now(), due_at=None, says="", lease_token=run.lease_token + 1
    )
    Lock.objects.filter(run=run).delete()
    run.state = RunState.CANCELLED
