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
    if run.phase == Phase.UNDO and run.state == RunState.NEEDS_PERSON:
        return ""
    if run.phase == Phase.UNDO:
        return f"Run {run.pk} is being undone already."
    if run.phase == Phase.SETTLE:
        return f"Run {run.pk} has done its work and is just finishing."
    passed = _passed(run)
    if passed and run.state != RunState.NEEDS_PERSON:
        return f"Run {run.pk} is past its point of no return: “{passed.title}” has started."
    return ""


def cancel(run_id: int, *, actor: str, reason: str) -> Run:
    """Requests cancellation. Raises CannotCancel.

    A run that never began ends at once; one that asks a person while it can go neither on nor back stops as it
    stands; any other is undone.
    """
    with transaction.atomic():
        run = Run.objects.select_for_update().get(pk=run_id)
        why = why_not_cancel(run)
        if why:
            raise CannotCancel(why)
        run.cancelled_by, run.cancel_reason = actor, reason
        if run.state == RunState.QUEUED and not Step.objects.filter(run=run, started_at__isnull=False).exists():
            _end_unstarted(run)
        elif run.phase == Phase.UNDO or _passed(run):
            _stop_as_it_stands(run)
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


def resume(run_id: int, *, actor: str, reason: str) -> Run:
    """Goes on with a run that asked for a person: its step is looked at again. Raises CannotCancel if it did not."""
    with transaction.atomic():
        run = Run.objects.select_for_update().get(pk=run_id)
        if run.state != RunState.NEEDS_PERSON:
            raise CannotCancel(f"Run {run.pk} waits for nobody: it is {run.get_state_display().lower()}.")
        forward = run.phase == Phase.FORWARD
        state = RunState.RUNNING if forward else RunState.UNDOING
        check(run.state, state)
        Run.objects.filter(pk=run.pk).update(state=state, due_at=Now(), changed_at=Now(), errors=0)
        since = "started_at" if forward else "undo_started_at"  # its time begins anew
        run.steps.filter(position=run.position).update(**{since: Now()})
        summary = f"{actor} let {run.kind} {run.pk} go on"
        record("run.resumed", actor=actor, subject=run.subject, summary=summary, reason=reason, run=run.pk)
        nudge(run.pk)
    run.refresh_from_db()
    return run


def _passed(run: Run) -> Step | None:
    """The first step past the point of no return that has started."""
    return run.steps.filter(irreversible=True).exclude(state=StepState.PENDING).first()


def _stop_as_it_stands(run: Run) -> None:
    check(run.state, RunState.RUNNING)
    failure = f"{run.failure} {run.says} Stopped as it stood by {run.cancelled_by}.".strip()
    ending = RunState.CANCELLED if run.phase == Phase.FORWARD else RunState.FAILED
    Run.objects.filter(pk=run.pk).update(
        state=RunState.RUNNING, phase=Phase.SETTLE, ending=ending, failure=failure, says="", errors=0
    )


def _end_unstarted(run: Run) -> None:
    check(run.state, RunState.CANCELLED)
    Run.objects.filter(pk=run.pk).update(
        state=RunState.CANCELLED, ended_at=Now(), due_at=None, says="", lease_token=run.lease_token + 1
    )
    Lock.objects.filter(run=run).delete()
    summary = f"{run.kind.capitalize()} {run.pk} of {run.subject} ended: cancelled before anything was changed"
    record("run.cancelled", actor=run.cancelled_by, subject=run.subject, summary=summary, run=run.pk)
    run.state = RunState.CANCELLED
