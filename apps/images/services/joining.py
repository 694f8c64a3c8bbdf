"""Of requests at the same time for the same thing one starts a run, and the others are answered with that."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import IntegrityError

from apps.images.errors import Refused
from apps.workflows import services as workflows
from apps.workflows.models import Run
from apps.workflows.states import Phase, RunState

Row = TypeVar("Row")

TRIES = 5  # times that somebody else may be first


def joined_or_started(ask: Callable[[], Row], otherwise: str) -> Row:
    """What `ask` answers: what there is by now, or what it starts; it is asked again where somebody else was first.

    Raises Refused with the sentence `otherwise` where that goes on and on.
    """
    for _ in range(TRIES):
        try:
            return ask()
        except (IntegrityError, workflows.Busy):  # somebody else was first
            continue
    raise Refused(otherwise)


def comes_to_be(run: Run) -> bool:
    """Whether a run that goes on is on its way to its end: it is not being put back, nor is that asked for.

    One that asks for a person may be in the midst of its undo: that tells its phase alone.
    """
    return run.state != RunState.UNDOING and run.phase != Phase.UNDO and not run.decision
