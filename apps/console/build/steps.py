"""Steps of a run as a line of steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from apps.console.build.states import STEP_PHASES
from apps.console.build.tries import tries
from apps.console.build.undo import undo_title
from apps.console.pages.deployment import StepLine
from apps.workflows.models import Attempt, Run, Step
from apps.workflows.states import Phase, RunState, StepState


def step_lines(steps: Iterable[Step], run: Run) -> tuple[StepLine, ...]:
    """The steps as the page shows them; their attempts should be prefetched."""
    return tuple(_line(step, run) for step in steps)


def step_marks(steps: Iterable[Step], run: Run) -> tuple[tuple[str, str], ...]:
    """Mark and title of each step, for the short list on the cluster page."""
    return tuple((StepLine(str(step.position), phase_of(step, run), "").mark, step.title) for step in steps)


def phase_of(step: Step, run: Run) -> str:
    """Where a step stands; one that waits for a person, and one that will never be carried out, are told apart."""
    if step.state == StepState.RUNNING and run.state == RunState.NEEDS_PERSON:
        return "attend"
    if step.state == StepState.PENDING and (run.ended or run.state == RunState.UNDOING):
        return "skipped"
    if step.state == StepState.RUNNING and run.ended:
        return "failed"
    if step.state in {StepState.UNDONE, StepState.UNDOING}:
        taken = "undone" if step.state == StepState.UNDONE else "undoing"
        return taken if undo_title(step) else "untouched"
    return STEP_PHASES[StepState(step.state)]


def _line(step: Step, run: Run) -> StepLine:
    phase = phase_of(step, run)
    forward = [attempt for attempt in step.attempts.all() if attempt.phase == Phase.FORWARD]
    ended = step.ended_at if phase in {"done", "failed"} else None
    limit = step.timeout_seconds if phase == "now" and step.started_at else None
    return StepLine(
        key=str(step.position),
        phase=phase,
        title=step.title,
        sentence=_sentence(step, run, phase, forward),
        started_at=step.started_at,
        seconds=(ended - step.started_at).total_seconds() if ended and step.started_at else None,
        expected_seconds=step.expected_seconds,
        gives_up_at=step.started_at + timedelta(seconds=limit) if limit and step.started_at else None,
        tries=tries(forward),
    )


def _sentence(step: Step, run: Run, phase: str, forward: Sequence[Attempt]) -> str:
    """What the step says; once its undo began, what it had said before that."""
    if phase == "attend":
        return run.says
    if step.undo_started_at:
        return forward[-1].says if forward else ""
    return step.says
