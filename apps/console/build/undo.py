"""The undo of a run as a line of steps of its own: the newest first, in the words of the undo."""

from __future__ import annotations

from collections.abc import Sequence

from apps.console.build.tries import tries
from apps.console.pages.deployment import StepLine
from apps.workflows import kinds
from apps.workflows.models import Run, Step
from apps.workflows.states import Phase, RunState, StepState

PHASES = {StepState.UNDOING: "now", StepState.UNDONE: "done"}


def undo_title(step: Step) -> str:
    """What taking a step back means, in words; empty where there is nothing to take back."""
    title: str = getattr(kinds.kind(step.kind), "undo_title", "") if step.kind in kinds.slugs() else ""
    return title.format(group=step.params.get("group", ""))


def undo_lines(steps: Sequence[Step], run: Run) -> tuple[StepLine, ...]:
    """What is, was or will be taken back; nothing while the run goes forward. Attempts should be prefetched."""
    return tuple(_line(step, run) for step in _begun(steps, run))


def undo_marks(steps: Sequence[Step], run: Run) -> tuple[StepLine, ...]:
    """The same in short, without what was tried."""
    return tuple(StepLine(f"undo-{step.position}", _phase(step, run), undo_title(step)) for step in _begun(steps, run))


def _begun(steps: Sequence[Step], run: Run) -> list[Step]:
    if run.phase != Phase.UNDO and not any(step.undo_started_at for step in steps):
        return []
    return [step for step in reversed(steps) if step.state != StepState.PENDING and undo_title(step)]


def _phase(step: Step, run: Run) -> str:
    phase = PHASES.get(StepState(step.state), "skipped" if run.ended else "todo")
    if phase == "now" and (run.ended or run.state == RunState.NEEDS_PERSON):
        return "failed" if run.ended else "attend"
    return phase


def _line(step: Step, run: Run) -> StepLine:
    phase = _phase(step, run)
    began, ended = step.undo_started_at, step.ended_at
    return StepLine(
        key=f"undo-{step.position}",
        phase=phase,
        title=undo_title(step),
        sentence=run.says if phase == "attend" else step.says if began else "",
        started_at=began,
        seconds=(ended - began).total_seconds() if phase == "done" and began and ended else None,
        tries=tries(attempt for attempt in step.attempts.all() if attempt.phase == Phase.UNDO),
    )
