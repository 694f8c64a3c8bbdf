"""Steps of a run as a line of steps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from apps.console.build.states import STEP_PHASES
from apps.console.pages.deployment import Line, StepLine
from apps.workflows.models import Attempt, Run, Step
from apps.workflows.states import RunState, StepState


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
    return STEP_PHASES[StepState(step.state)]


def calls_of(steps: Iterable[Step]) -> Iterator[str]:
    """The AWS calls that steps made, in words, in their order."""
    for step in steps:
        for attempt in step.attempts.all():
            for call in attempt.log:
                yield _call(call)


def _line(step: Step, run: Run) -> StepLine:
    phase = phase_of(step, run)
    started = step.undo_started_at if step.state == StepState.UNDOING else step.started_at
    ended = step.ended_at if phase in {"done", "failed", "undone"} else None
    since = step.undo_started_at if phase == "undone" and step.undo_started_at else started
    return StepLine(
        key=str(step.position),
        phase=phase,
        title=f"Undo: {step.title}" if step.state == StepState.UNDOING else step.title,
        sentence=_sentence(step, run, phase),
        started_at=started,
        seconds=(ended - since).total_seconds() if ended and since else None,
        expected_seconds=None if step.state == StepState.UNDOING else step.expected_seconds,
        seen=tuple(_seen_in(step)) if phase != "todo" else (),
    )


def _sentence(step: Step, run: Run, phase: str) -> str:
    if phase == "attend":
        return run.says
    return step.says or ("Taken back." if phase == "undone" else "")


def _seen_in(step: Step) -> Iterator[Line]:
    """What each attempt saw, where there is more to tell than the step itself says."""
    attempts = list(step.attempts.all())
    if len(attempts) > 1 or any(attempt.looks > 1 for attempt in attempts):
        yield from map(_seen, attempts)


def _seen(attempt: Attempt) -> Line:
    looks = f"looked {attempt.looks} times" if attempt.looks != 1 else "looked once"
    way = "undo, " if attempt.phase == "undo" else ""
    text = f"{way}{looks}: {attempt.says or attempt.outcome or 'nothing to tell yet'}"
    return Line(attempt.started_at, text)


def _call(call: dict[str, object]) -> str:
    service, operation, outcome = call.get("service"), call.get("operation"), call.get("outcome")
    text = f"{service}:{operation} {outcome}"
    seconds = call.get("seconds")
    if isinstance(seconds, int | float):
        text += f" in {seconds:.2f} s"
    return f"{text}: {call['message']}" if call.get("message") else text
