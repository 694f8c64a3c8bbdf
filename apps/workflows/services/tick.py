"""One look at a run under its lease: which way it goes, what its step answers, and writing that down."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from apps.workflows import kinds
from apps.workflows.context import Context
from apps.workflows.lease import Lease, LostLease
from apps.workflows.models import Run, Step
from apps.workflows.plans import Failed, NeedsPerson, Outcome, Wait
from apps.workflows.services.write import Writer
from apps.workflows.states import Decision, Phase, RunState, StepState

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")

UNEXPECTED_LIMIT = 5  # errors in a row that nobody foresaw, until a step has failed
PASSING_LIMIT = 40  # errors in a row that should pass, or of any kind while undoing: about a quarter of an hour
BACK_OFF_LIMIT = 30.0  # seconds
UNDO_SECONDS = 7200.0  # how long the undo of one step may take; AWS allows an hour for draining alone


class Tick:
    """Looks at the run again and again for as long as there is something to do at once."""

    def __init__(self, lease: Lease) -> None:
        self.lease = lease
        self.write = Writer(lease)
        self.more = True

    def once(self) -> bool:
        """Takes one look; answers whether to look again at once. Raises LostLease."""
        run = self.lease.run
        if run.ended:
            self.more = False
        elif run.unheeded and run.decision == Decision.STOP:
            self.write.stop()
        elif run.unheeded:
            because = f": {run.cancel_reason.rstrip('.')}" if run.cancel_reason else ""
            self.write.turn_back(f"Cancelled by {run.cancelled_by}{because}.")
        elif not run.planned:
            self.more = self._plan(run)
        else:
            ways = {Phase.FORWARD: self._forward, Phase.UNDO: self._undo, Phase.SETTLE: self._settle}
            self.more = ways[Phase(run.phase)](run)
        return self.more

    def _plan(self, run: Run) -> bool:
        """It is the run's turn at last: its plan is made from what is so now."""
        context = Context(run, Step(run=run), self.lease, 0.0)
        return self.write.plan(self._guarded(run, lambda: kinds.plan_with(run.kind)(context)))

    def _forward(self, run: Run) -> bool:
        step = self.write.rows.at(run.position)
        if step is None:
            self.write.settle_done()
            return True
        if step.state != StepState.RUNNING and not self.write.begin(step):
            return True
        outcome, context = self._look(step, kinds.kind, "run", step.started_at)
        limit = step.timeout_seconds
        if isinstance(outcome, Wait) and limit is not None and context.elapsed >= limit:
            outcome = Failed(f"“{step.title}” was given up after {_minutes(limit)}. {outcome.says}")
        if isinstance(outcome, Failed):
            self.lease.errors = 0
            outcome = kinds.given_up(step.kind, context, outcome)
        return self.write.forward(step, outcome, context)

    def _undo(self, run: Run) -> bool:
        step = self.write.rows.steps[run.position]
        if step.state == StepState.PENDING:
            self.write.undone(step)
            return True
        if step.state != StepState.UNDOING:
            self.write.begin_undo(step)
        outcome, context = self._look(step, kinds.kind, "undo", step.undo_started_at)
        if isinstance(outcome, Wait) and context.elapsed >= UNDO_SECONDS:
            outcome = NeedsPerson(f"Undoing “{step.title}” takes longer than it should. {outcome.says}")
        return self.write.back(step, outcome, context)

    def _settle(self, run: Run) -> bool:
        # what is to be kept goes back only when the run is undone, and then not what its undo itself put back so
        stopped = run.decision == Decision.STOP
        kept = {"undoing": True} if run.state == RunState.UNDOING and not stopped else {}
        owed = run.borrowed.filter(repaid_at__isnull=True, stuck=False).exclude(keep=True, **kept)
        item = owed.order_by("-id").first()
        if item is None:
            self.write.end()
            return False
        steps = self.write.rows.steps
        ended = max((step.ended_at for step in steps if step.ended_at), default=self.lease.now)
        elapsed = max((self.lease.now - ended).total_seconds(), 0.0)
        context = Context(run, steps[-1] if steps else Step(run=run), self.lease, elapsed)
        outcome = self._guarded(run, lambda: kinds.repay_with(item.kind)(context, item))
        return self.write.repaid(item, outcome)

    def _look(
        self, step: Step, find: Callable[[str], kinds.StepKind], what: str, since: datetime | None
    ) -> tuple[Outcome, Context]:
        run = self.lease.run
        elapsed = (self.lease.now - since).total_seconds() if since else 0.0
        context = Context(run, step, self.lease, max(elapsed, 0.0))
        outcome = self._guarded(run, lambda: getattr(find(step.kind), what)(context))
        return outcome, context

    def _guarded(self, run: Run, look: Callable[[], Answer]) -> Answer | Outcome:
        """Turns a raised error into an outcome: a passing one into a wait, an unforeseen one in time into a failure."""
        try:
            outcome = look()
        except LostLease:
            raise
        except Exception as error:  # noqa: BLE001 -- whatever a step raises must end in a row, not in a lost run
            return self._after(run, error)
        self.lease.errors = 0
        return outcome

    def _after(self, run: Run, error: Exception) -> Outcome:
        """A foreseen error says whether it passes, others are given some tries; an undo is not given up so easily."""
        self.lease.errors = run.errors + 1
        foreseen, passing = hasattr(error, "retryable"), getattr(error, "retryable", False)
        sentence = str(error) if foreseen else f"Unexpected error: {type(error).__name__}: {error}"
        if foreseen:
            log.info("run %s: %s", run.pk, error)
        else:
            log.error("run %s: unexpected error", run.pk, exc_info=error)
        forward = run.phase == Phase.FORWARD
        tries = 1 if foreseen else UNEXPECTED_LIMIT
        limit = tries if forward and not passing else PASSING_LIMIT
        if self.lease.errors >= limit:
            return NeedsPerson(sentence) if isinstance(error, kinds.Unknown) or not forward else Failed(sentence)
        spread = random.uniform(0.5, 1.0)  # noqa: S311 -- so that those who failed together do not come back together
        pause = min(BACK_OFF_LIMIT, 2.0 ** min(run.errors, 10)) * spread
        return Wait(pause, f"{sentence.rstrip('.')}; trying again.")


def _minutes(seconds: float) -> str:
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    return (
        " ".join(part for part in (f"{minutes} min" if minutes else "", f"{rest} s" if rest else "") if part) or "0 s"
    )
