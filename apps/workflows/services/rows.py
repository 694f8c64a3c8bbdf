"""The rows of steps and attempts as one worker keeps them while it advances a run: read once, written by look.

What is written is told as SQL that goes into the statement which changes the run: a look is one trip to the database,
fenced by the run's lease as a whole. It is written by hand, for Django has no such statement.
"""

from __future__ import annotations

import json
from datetime import datetime

from django.db.models.functions import Now

from apps.workflows.context import Context
from apps.workflows.lease import worker_name
from apps.workflows.models import Attempt, Run, Step
from apps.workflows.statements import Sql, select
from apps.workflows.states import Phase, StepState

_BEGIN = """
begun AS (
    UPDATE workflows_step SET state = %s, says = '', started_at = STATEMENT_TIMESTAMP(), ended_at = NULL
    FROM changed WHERE workflows_step.id = %s
)"""
_BEGIN_UNDO = """
begun AS (
    UPDATE workflows_step SET state = %s, undo_started_at = STATEMENT_TIMESTAMP()
    FROM changed WHERE workflows_step.id = %s
)"""
_FINISH = """
finished AS (
    UPDATE workflows_step SET state = %s, says = %s, ended_at = STATEMENT_TIMESTAMP()
    FROM changed WHERE workflows_step.id = %s
)"""
_WAIT = """
waiting AS (UPDATE workflows_step SET says = %s FROM changed WHERE workflows_step.id = %s)"""
# counts on the attempt that goes on; opens one if there is none
_LOOK = """
look (step_id, phase, worker, outcome, says, log, since, until) AS (
    SELECT %s::bigint, %s, %s, %s, %s, %s::jsonb, %s::timestamptz, CASE WHEN %s THEN STATEMENT_TIMESTAMP() END
    FROM changed
), counted AS (
    UPDATE workflows_attempt AS open SET looks = open.looks + 1, worker = look.worker, outcome = look.outcome,
        says = look.says, log = open.log || look.log, ended_at = look.until
    FROM look WHERE open.step_id = look.step_id AND open.phase = look.phase AND open.ended_at IS NULL
    RETURNING open.id
), opened AS (
    INSERT INTO workflows_attempt (step_id, phase, worker, looks, outcome, says, log, started_at, ended_at)
    SELECT step_id, phase, worker, 1, outcome, says, log, COALESCE(since, STATEMENT_TIMESTAMP()), until
    FROM look WHERE NOT EXISTS (SELECT FROM counted)
)"""


class Rows:
    """The steps of a run, by position. Nobody else writes them while the run's lease holds."""

    def __init__(self, run: Run) -> None:
        self.run_id = run.pk
        self._steps: list[Step] | None = None

    @property
    def steps(self) -> list[Step]:
        if self._steps is None:
            self._steps = select(Step, Sql("run_id = %s ORDER BY position", (self.run_id,)))
        return self._steps

    def at(self, position: int) -> Step | None:
        return self.steps[position] if position < len(self.steps) else None

    def begin(self, step: Step) -> Sql:
        """The step starts, by the database's clock; whatever ended it before no longer counts."""
        return Sql(_BEGIN, (str(StepState.RUNNING), step.pk))

    def began(self, step: Step, now: datetime) -> None:
        """The step as its row stands after `begin`."""
        step.state, step.started_at, step.ended_at, step.says = StepState.RUNNING, now, None, ""

    def begin_undo(self, step: Step) -> Sql:
        return Sql(_BEGIN_UNDO, (str(StepState.UNDOING), step.pk))

    def began_undo(self, step: Step, now: datetime) -> None:
        step.state, step.undo_started_at = StepState.UNDOING, now

    def finish(self, step: Step, state: StepState, says: str) -> Sql:
        step.state, step.says = state, says
        return Sql(_FINISH, (str(state), says, step.pk))

    def wait(self, step: Step, says: str) -> tuple[Sql, ...]:
        if step.says == says:
            return ()
        step.says = says
        return (Sql(_WAIT, (says, step.pk)),)

    def look(self, step: Step, phase: Phase, context: Context, outcome: str, says: str) -> Sql:
        """Counts a look on the open attempt, or opens one, and keeps what it did."""
        since = step.started_at if phase == Phase.FORWARD else step.undo_started_at
        log = json.dumps(context.log)
        return Sql(_LOOK, (step.pk, str(phase), worker_name(), outcome, says, log, since, bool(outcome)))

    def close(self, outcome: str) -> None:
        """Whatever attempt goes on ends so."""
        Attempt.objects.filter(step__run=self.run_id, ended_at__isnull=True).update(outcome=outcome, ended_at=Now())
