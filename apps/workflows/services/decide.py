"""What a person decides about a run, carried out under its row's lock: try again, undo, stop, go on without a step."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.db.models.functions import Now

from apps.events.services import record
from apps.workflows.kinds import kind, slugs
from apps.workflows.lease import worker_name
from apps.workflows.models import Attempt, Run, Step
from apps.workflows.selectors import cancelling, choices
from apps.workflows.services.nudge import nudge
from apps.workflows.services.release import release
from apps.workflows.services.tell import tell_untold
from apps.workflows.states import Decision, Phase, RunState, StepState, check


class CannotDecide(Exception):
    """The choice is not possible now; the text says why."""


def decide(run_id: int, choice: str, *, actor: str, reason: str) -> Run:
    """Carries out one of `choices(run)`, named by its slug. Raises CannotDecide.

    Undo and stop are heeded by the next look, which is due at once; a run that never began ends here.
    """
    with transaction.atomic():
        run = Run.objects.select_for_update().get(pk=run_id)
        _refuse(run, choice)
        _CARRY_OUT[Decision(choice)](run, actor, reason)
        nudge(run.pk)
    run.refresh_from_db()
    return run


def cancel(run_id: int, *, actor: str, reason: str) -> Run:
    """Undoes a run or, where it asks a person and can go neither on nor back, stops it. Raises CannotDecide."""
    meant = cancelling(Run.objects.get(pk=run_id))
    return decide(run_id, meant.slug if meant else Decision.UNDO, actor=actor, reason=reason)


def resume(run_id: int, *, actor: str, reason: str) -> Run:
    """Goes on with a run that asked for a person: its step is tried again. Raises CannotDecide if it did not ask."""
    return decide(run_id, Decision.RETRY, actor=actor, reason=reason)


def look_now(run_id: int) -> None:
    """Has a run that waits looked at again at once; not one that waits for its turn, or for a person."""
    if Run.objects.filter(pk=run_id, due_at__isnull=False).update(due_at=Now(), changed_at=Now()):
        nudge(run_id)


def _refuse(run: Run, choice: str) -> None:
    if run.ended:
        raise CannotDecide(f"{run.name.capitalize()} has ended already: {run.get_state_display().lower()}.")
    offered = {each.slug: each for each in choices(run)}
    if choice not in offered:
        raise CannotDecide(f"“{choice}” is no choice; there are {', '.join(offered)}.")
    if offered[choice].why_not:
        raise CannotDecide(offered[choice].why_not)


def _undo(run: Run, actor: str, reason: str) -> None:
    _tell("run.cancel_requested", run, actor, reason, f"{actor} cancelled {run.name}")
    begun = run.state != RunState.QUEUED or Step.objects.filter(run=run, started_at__isnull=False).exists()
    _decided(run, Decision.UNDO, actor, reason)
    if not begun:
        _end_unstarted(run, actor)


def _stop(run: Run, actor: str, reason: str) -> None:
    _tell("run.stop_requested", run, actor, reason, f"{actor} stopped {run.name} as it stands")
    _decided(run, Decision.STOP, actor, reason)


def _decided(run: Run, decision: Decision, actor: str, reason: str) -> None:
    Run.objects.filter(pk=run.pk).update(
        decision=decision,
        cancel_requested_at=Now(),
        cancelled_by=actor,
        cancel_reason=reason,
        due_at=Now(),
        changed_at=Now(),
    )


def _retry(run: Run, actor: str, reason: str) -> None:
    step = run.steps.get(position=run.position)
    phase = Phase(run.phase)
    _close(step, phase, "asked")
    if phase == Phase.FORWARD:
        step.state, step.started_at, step.ended_at = StepState.RUNNING, Now(), None
    else:
        step.undo_started_at = Now()
    step.memory = kind(step.kind).afresh(step.memory) if step.kind in slugs() else step.memory
    step.save(update_fields=["state", "started_at", "ended_at", "undo_started_at", "memory"])
    Attempt.objects.create(step=step, phase=phase, worker=worker_name())
    _go_on(run, RunState.RUNNING if phase == Phase.FORWARD else RunState.UNDOING)
    _tell("run.retried", run, actor, reason, f"{actor} had {run.name} try “{step.title}” again")


def _forward(run: Run, actor: str, reason: str) -> None:
    step = run.steps.get(position=run.position)
    tell_untold(step, actor, reason)
    _close(step, Phase.FORWARD, "skipped")
    run.steps.filter(pk=step.pk).update(state=StepState.SKIPPED, ended_at=Now())
    _go_on(run, RunState.RUNNING, position=run.position + 1)
    _tell("run.step_skipped", run, actor, reason, f"{actor} had {run.name} go on without “{step.title}”")


def _close(step: Step, phase: Phase, outcome: str) -> None:
    Attempt.objects.filter(step=step, phase=phase, ended_at__isnull=True).update(outcome=outcome, ended_at=Now())


def _go_on(run: Run, state: RunState, **changes: int) -> None:
    check(run.state, state)
    Run.objects.filter(pk=run.pk).update(state=state, due_at=Now(), changed_at=Now(), says="", errors=0, **changes)


def _end_unstarted(run: Run, actor: str) -> None:
    check(run.state, RunState.CANCELLED)
    Run.objects.filter(pk=run.pk).update(
        state=RunState.CANCELLED, ended_at=Now(), due_at=None, says="", lease_token=run.lease_token + 1
    )
    release(run)
    summary = f"{run.name.capitalize()} of {run.subject} ended: cancelled before anything was changed"
    _tell("run.cancelled", run, actor, "", summary)


def _tell(kind: str, run: Run, actor: str, reason: str, summary: str) -> None:
    record(kind, actor=actor, subject=run.subject, summary=summary, reason=reason, run=run.pk)


_CARRY_OUT: dict[Decision, Callable[[Run, str, str], None]] = {
    Decision.RETRY: _retry,
    Decision.UNDO: _undo,
    Decision.STOP: _stop,
    Decision.FORWARD: _forward,
}
