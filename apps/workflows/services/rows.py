"""The rows of steps and attempts as one worker keeps them while it advances a run: read once, written by look."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import F
from django.db.models.functions import Now

from apps.workflows.context import Context
from apps.workflows.lease import worker_name
from apps.workflows.models import Attempt, Run, Step
from apps.workflows.states import Phase, StepState

# every step of every run ends here: written by hand, for putting it together costs Django more than it costs PostgreSQL
_HAND_OVER = """
UPDATE workflows_step SET
    state = CASE id WHEN %(ends)s THEN %(state)s ELSE 'running' END,
    says = CASE id WHEN %(ends)s THEN %(says)s ELSE '' END,
    started_at = CASE id WHEN %(ends)s THEN started_at ELSE STATEMENT_TIMESTAMP() END,
    ended_at = CASE id WHEN %(ends)s THEN STATEMENT_TIMESTAMP() END
WHERE id IN (%(ends)s, %(begins)s)
"""


class Rows:
    """The steps of a run, by position. Nobody else writes them while the run's lease holds.

    An attempt is stored with its first look; `_begun` are steps that began under this lease and have none yet.
    """

    def __init__(self, run: Run) -> None:
        self.run_id = run.pk
        self._steps: list[Step] | None = None
        self._begun: set[int] = set()

    @property
    def steps(self) -> list[Step]:
        if self._steps is None:
            self._steps = list(Step.objects.filter(run_id=self.run_id).order_by("position"))
        return self._steps

    def at(self, position: int) -> Step | None:
        return self.steps[position] if position < len(self.steps) else None

    def begin(self, step: Step, now: datetime) -> None:
        """The step starts, by the database's clock; whatever ended it before no longer counts."""
        Step.objects.filter(pk=step.pk).update(state=StepState.RUNNING, started_at=Now())
        self._running(step, now)

    def begin_undo(self, step: Step, now: datetime) -> None:
        Step.objects.filter(pk=step.pk).update(state=StepState.UNDOING, undo_started_at=Now())
        step.state, step.undo_started_at = StepState.UNDOING, now
        self._begun.add(step.pk)

    def finish(self, step: Step, state: StepState, says: str, following: Step | None = None) -> None:
        """The step ends, and the following one, if any is given, begins, in one statement."""
        step.state, step.says = state, says
        if following is None:
            Step.objects.filter(pk=step.pk).update(state=state, ended_at=Now(), says=says)
            return
        with connection.cursor() as cursor:
            cursor.execute(_HAND_OVER, {"ends": step.pk, "state": str(state), "says": says, "begins": following.pk})

    def began(self, following: Step | None, now: datetime) -> None:
        """What `finish` has begun, as it stands in the row."""
        if following is not None:
            self._running(following, now)

    def waits(self, step: Step, says: str) -> None:
        if step.says != says:
            Step.objects.filter(pk=step.pk).update(says=says)
            step.says = says

    def look(self, step: Step, phase: Phase, context: Context, outcome: str, says: str) -> None:
        """Counts a look on the open attempt, or opens one, and keeps what it did."""
        new = step.pk in self._begun
        self._begun.discard(step.pk)
        if new or not self._counted(step, phase, context, outcome, says):
            since = step.started_at if phase == Phase.FORWARD else step.undo_started_at
            Attempt.objects.create(
                step=step,
                phase=phase,
                worker=worker_name(),
                looks=1,
                outcome=outcome,
                says=says,
                log=context.log,
                started_at=since or Now(),
                ended_at=Now() if outcome else None,
            )

    def close(self, outcome: str) -> None:
        """Whatever attempt goes on ends so."""
        Attempt.objects.filter(step__run=self.run_id, ended_at__isnull=True).update(outcome=outcome, ended_at=Now())

    def _counted(self, step: Step, phase: Phase, context: Context, outcome: str, says: str) -> bool:
        goes_on = Attempt.objects.filter(step=step, phase=phase, ended_at__isnull=True)
        changes: dict[str, Any] = {"looks": F("looks") + 1, "says": says, "worker": worker_name()}
        if context.log:
            earlier = goes_on.values_list("log", flat=True).first()
            changes["log"] = [*(earlier or ()), *context.log]
        if outcome:
            changes |= {"outcome": outcome, "ended_at": Now()}
        return bool(goes_on.update(**changes))

    def _running(self, step: Step, now: datetime) -> None:
        step.state, step.started_at, step.ended_at, step.says = StepState.RUNNING, now, None, ""
        self._begun.add(step.pk)
