"""Workers in this process: they look at a run again and again, as if all it waits for were due at once."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from django.db import connection
from django.db.models import F, Model

from apps.workflows.models import Run, Step
from apps.workflows.services import advance
from tests.faults.calls import Stage
from tests.faults.injector import Died

engine = sys.modules[advance.__module__]

WITHIN = 60.0  # seconds
PAUSE = 0.02
STUCK = "needs_person"
beside: list[Callable[[], None]] = []  # what goes on in the cloud between two looks, by the operation's preparation


_AS_IF_DUE = """
    UPDATE workflows_step s SET started_at = s.started_at - r.waits, undo_started_at = s.undo_started_at - r.waits
    FROM (SELECT id, position, due_at - now() AS waits FROM workflows_run WHERE id = %s AND due_at > now()) r
    WHERE s.run_id = r.id AND s.position = r.position;
    UPDATE workflows_run SET due_at = created_at, lease_until = NULL WHERE id = %s AND due_at IS NOT NULL
"""


class NeverEndedError(AssertionError):
    """A run that went neither on nor back."""


def carry_on(deployment: Any, over: Callable[[], bool] | None = None, within: float | None = None) -> Run:
    """Until it has ended or asks a person, or `over`. A dead worker's lease is over at once. Raises NeverEndedError."""
    within = WITHIN if within is None else within
    deadline = time.monotonic() + within
    run = deployment.run
    run.refresh_from_db()
    with patch.object(engine, "BUDGET", 0.0 if over else engine.BUDGET):  # to be asked after each single step
        while not (run.ended or run.state == STUCK or (over and over())):
            if time.monotonic() > deadline:
                raise NeverEndedError(f"{run} did not end within {within:g} s: {run.state}: {run.says}")
            look(run)
            for each in beside:
                each()
            time.sleep(PAUSE)
    return run


def carry_on_to(deployment: Any, stage: Stage) -> None:
    """Until it is about to begin a stage. Raises AssertionError when it never comes there."""
    run = deployment.run

    def there() -> bool:
        return Stage(run.phase, run.position) == stage

    with patch.object(engine, "BUDGET", 0.0):
        if not there():
            look(run)  # it may have asked a person before
    carry_on(deployment, there)
    assert there(), f"it never came to {stage}: {run.state}: {run.failure or run.says}"


def as_if_now(seconds: float) -> None:
    """The steps of runs that go on began so much later than they did."""
    by = timedelta(seconds=seconds)
    going_on = Step.objects.filter(run__ended_at__isnull=True)
    going_on.update(started_at=F("started_at") + by, undo_started_at=F("undo_started_at") + by)


def again(deployment: Any) -> Any:
    """The same, as the database has it now; None for None."""
    if isinstance(deployment, Model):
        return type(deployment)._default_manager.select_related("run").get(pk=deployment.pk)
    return deployment and replace(deployment, run=Run.objects.get(pk=deployment.run_id))


def as_if_due(run_id: int) -> None:
    """The time has passed until which a run waits, and so for its step; a worker that had it is gone."""
    with connection.cursor() as cursor:
        cursor.execute(_AS_IF_DUE, [run_id, run_id])


def look(run: Run) -> None:
    """One look by a worker, that may die at it; for its step the time has passed until which it waits."""
    as_if_due(run.pk)
    with contextlib.suppress(Died):
        advance(run.pk)
    run.refresh_from_db()


def another(deployment: Any, within: float = 5.0) -> Callable[[], None]:
    """A worker for another thread: it carries the run on to its next step, or its end."""

    def work() -> None:
        try:
            mine = SimpleNamespace(run=Run.objects.get(pk=deployment.run_id))
            at = (mine.run.phase, mine.run.position)
            carry_on(mine, lambda: (mine.run.phase, mine.run.position) != at, within)
        except NeverEndedError:
            pass  # it waits for what only the stopped worker's end will bring, or for its time
        finally:
            connection.close()

    return work
