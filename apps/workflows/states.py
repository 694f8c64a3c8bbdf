"""The states of runs and steps, and the only transitions between them."""

from __future__ import annotations

from itertools import product

from django.db import models


class RunState(models.TextChoices):
    QUEUED = "queued", "Queued"  # accepted; no step has started
    RUNNING = "running", "Running"  # a step is being carried out now, or is due now
    WAITING = "waiting", "Waiting"  # a step looks again at `due_at`
    NEEDS_PERSON = "needs_person", "Needs a person"  # goes on when somebody says so
    UNDOING = "undoing", "Undoing"  # everything done so far is being put back
    SUCCEEDED = "succeeded", "Succeeded"  # the plan is done
    UNDONE = "undone", "Undone"  # everything is put back
    CANCELLED = "cancelled", "Cancelled"  # ended before its first effect, or stopped by a person as it stood
    FAILED = "failed", "Failed"  # neither done nor put back; what is left is listed


class StepState(models.TextChoices):
    PENDING = "pending", "To come"
    RUNNING = "running", "Now"  # started; carried out again until it is done
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    UNDOING = "undoing", "Being undone"
    UNDONE = "undone", "Undone"


class Phase(models.TextChoices):
    """Which way a run is going."""

    FORWARD = "forward"  # carrying out the plan
    UNDO = "undo"  # undoing it, last step first
    SETTLE = "settle"  # repaying what is still borrowed, then ending as `ending` says


ENDED = frozenset({RunState.SUCCEEDED, RunState.UNDONE, RunState.CANCELLED, RunState.FAILED})
ACTIVE = frozenset(RunState) - ENDED
FORWARD = frozenset({RunState.QUEUED, RunState.RUNNING, RunState.WAITING, RunState.NEEDS_PERSON})

TRANSITIONS = frozenset(
    {
        (RunState.QUEUED, RunState.CANCELLED),
        *product(FORWARD, {RunState.RUNNING, RunState.WAITING, RunState.NEEDS_PERSON, RunState.UNDOING}),
        *product({RunState.RUNNING, RunState.WAITING}, {RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED}),
        (RunState.UNDOING, RunState.UNDOING),
        (RunState.UNDOING, RunState.NEEDS_PERSON),
        (RunState.UNDOING, RunState.UNDONE),
        (RunState.UNDOING, RunState.FAILED),
    }
)


class IllegalTransition(Exception):
    """A run was about to change in a way the table forbids: a defect of ours, never of the input."""


def check(before: str, after: str) -> None:
    """Raises IllegalTransition unless `before` may become `after`."""
    if (RunState(before), RunState(after)) not in TRANSITIONS:
        raise IllegalTransition(f"{before} may not become {after}")
