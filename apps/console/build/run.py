"""What is told of a run in the same words, whatever it does: a push, a bake."""

from __future__ import annotations

from collections.abc import Iterable

from apps.console import words
from apps.console.build.history import when
from apps.console.pages.common import Action
from apps.console.pages.deployment import Line
from apps.events.models import Event
from apps.workflows.models import Run
from apps.workflows.states import Phase, RunState


def headline(run: Run, sentence: str, steps: int) -> str:
    """What goes on or how it ended, in short; with the step out of how many, while it goes forward."""
    said = words.first_clause(sentence)
    if run.ended or run.phase != Phase.FORWARD or run.state == RunState.QUEUED or not steps:
        return said
    return f"Step {min(run.position + 1, steps)} of {steps}: {said}"


def goes_on(run: Run) -> bool:
    """Whether it works at its plan, so that the expected times of its steps tell how long it takes."""
    return run.phase == Phase.FORWARD and run.state in {RunState.RUNNING, RunState.WAITING}


def told(events: Iterable[Event]) -> tuple[Line, ...]:
    """What happened, a line each."""
    return tuple(Line(at, words.first_clause(event.summary), took) for event in events for at, took in [when(event)])


def steering(run: Run, cancel: str, retry: str, role: str) -> tuple[Action, ...]:
    """What can be decided of one that has not ended, at these addresses; `role` is why the reader may not."""
    asks = run.state == RunState.NEEDS_PERSON
    again = [Action("Try again…", retry, blocked=role)] if asks else []
    stop = [Action("Cancel…", cancel, blocked=role)] if asks or run.phase == Phase.FORWARD else []
    return (*again, *stop)
