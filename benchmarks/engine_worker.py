"""What the workers of bench_engine know beside the product: an empty step, one that waits, and the floor's task."""

from __future__ import annotations

import time
from typing import Any

from celery import current_app, shared_task
from django.db import connection, transaction

from apps.workflows.context import Context
from apps.workflows.kinds import StepKind, register
from apps.workflows.plans import Done, Outcome, Wait

STEPS = 10
LOOK_SECONDS = 0.02  # what a look at AWS may cost, asleep


@register
class Empty(StepKind):
    slug = "bench-empty"

    def run(self, context: Context) -> Outcome:
        return Done()


@register
class Polls(StepKind):
    """Looks every second until `seconds` are over; each look takes a while."""

    slug = "bench-polls"

    def run(self, context: Context) -> Outcome:
        time.sleep(context.params.get("look", LOOK_SECONDS))
        left = context.params["seconds"] - context.elapsed
        return Wait(context.params.get("every", 1.0), f"{left:.0f} s to go.") if left > 0 else Done()


@shared_task(name="bench.floor")
def floor(run: int) -> None:
    """One step of the floor: an UPDATE, an INSERT, a commit, and the message for the next one."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE bench_run SET position = position + 1 WHERE id = %s RETURNING position", [run])
        (position,) = cursor.fetchone() or (STEPS,)
        cursor.execute("INSERT INTO bench_step (run, position) VALUES (%s, %s)", [run, position])
    if position < STEPS:
        task: Any = current_app.tasks["bench.floor"]
        task.delay(run)
