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
    SKIPPED = "skipped", "Skipped"  # a person went on without it


class Decision(models.TextChoices):
    """What a person may decide about a run. Undo and stop are heeded between two looks, the others at once."""

    RETRY = "retry", "Try again"
    UNDO = "undo", "Undo"
    STOP = "stop", "Stop here"
    FORWARD = "forward", "Go on without it"


class OnFailure(models.TextChoices):
    """What a failed step does to its run; frozen when the run starts."""

    UNDO = "undo", "Undo everything"
    ASK = "ask", "Ask a person first"


class Phase(models.TextChoices):
    """Which way a run is going."""

    FORWARD = "forward"  # carrying out the plan
    UNDO = "undo"  # undoing it, last step first
    SETTLE = "settle"  # repaying what is still borrowed, then ending as `ending` says


# decisions that wait for the next look: (the way the run is going, what was decided)
UNHEEDED = frozenset({(Phase.FORWARD, Decision.UNDO), (Phase.FORWARD, Decision.STOP), (Phase.UNDO, Decision.STOP)})

ENDED = frozenset({RunState.SUCCEEDED, RunState.UNDONE, RunState.CANCELLED, RunState.FAILED})
ACTIVE = frozenset(RunState) - ENDED

NOT_ENDED = ("active", "Not ended")  # a word by which runs are looked for, beside their states
GOING_ON = (RunState.RUNNING, RunState.WAITING)  # what goes on changes between the two many times a minute
BY_WORD: dict[str, tuple[RunState, ...]] = {  # the states of which lists say each word
    **{state.value: (state,) for state in RunState},
    **{state.value: GOING_ON for state in GOING_ON},
    NOT_ENDED[0]: tuple(ACTIVE),
}
FORWARD = frozenset({RunState.QUEUED, RunState.RUNNING, RunState.WAITING, RunState.NEEDS_PERSON})

TRANSITIONS = frozenset(
    {
        (RunState.QUEUED, RunState.CANCELLED),
        *product(FORWARD, {RunState.RUNNING, RunState.WAITING, RunState.NEEDS_PERSON, RunState.UNDOING}),
        *product({RunState.RUNNING, RunState.WAITING}, {RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED}),
        *product({RunState.NEEDS_PERSON}, {RunState.CANCELLED, RunState.FAILED}),  # by who breaks its lock
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
