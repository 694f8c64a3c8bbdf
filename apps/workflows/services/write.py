"""Every write the engine makes to a run: transition, next due time and event, in one transaction, under the lease."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from apps.events.services import record
from apps.workflows import kinds
from apps.workflows.context import Context
from apps.workflows.lease import Lease
from apps.workflows.models import Borrowed, Run, Step
from apps.workflows.plans import Done, Failed, NeedsPerson, Outcome, Planned, Wait
from apps.workflows.services.release import release
from apps.workflows.services.rows import Rows
from apps.workflows.services.start import freeze
from apps.workflows.services.tell import tell_change, tell_untold
from apps.workflows.statements import NOW, Sql, later
from apps.workflows.states import UNHEEDED, OnFailure, Phase, RunState, StepState, check

FIRST_REPAIR = timedelta(seconds=30)  # from a failed repayment to the repair that tries it again
_UNHEEDED = Sql(
    " OR ".join("(phase = %s AND decision = %s)" for _ in UNHEEDED),
    tuple(str(each) for pair in UNHEEDED for each in pair),
)


class Writer:
    """Writes for one run, as long as one lease lasts. Methods that answer a bool tell whether to look again at once."""

    def __init__(self, lease: Lease) -> None:
        self.lease = lease
        self.rows = Rows(lease.run)

    @property
    def run(self) -> Run:
        return self.lease.run

    def plan(self, outcome: Planned | Outcome) -> bool:
        """What the planner of a run answered whose turn has come."""
        match outcome:
            case Planned():
                with transaction.atomic():
                    self.lease.write(planned=True, says="", errors=0)
                    freeze(self.run, outcome.steps)
                    for write in outcome.also:
                        write()
                self.rows = Rows(self.run)
                return True
            case Wait():
                self._due(self.run.state, outcome)
            case _:
                self._refuse(outcome.says)
        return False

    def begin(self, step: Step) -> bool:
        """A step starts: the row says so before anything happens. False if somebody decided otherwise meanwhile."""
        with transaction.atomic():
            first = {} if self.run.started_at else {"started_at": NOW}
            self._run(RunState.RUNNING, beside=[self.rows.begin(step)], says="", **first)
            self.rows.began(step, self.lease.now)
            if step.position == 0:
                self._event("run.started", f"{self.run.actor} started {self.run.name}")
        return not self.run.unheeded

    def forward(self, step: Step, outcome: Outcome, context: Context) -> bool:
        """What a step of the plan answered."""
        match outcome:
            case Done():
                self._step_done(step, outcome, context)
            case Wait():
                return self._wait(RunState.WAITING, step, outcome, context, Phase.FORWARD)
            case NeedsPerson():
                self._ask(step, outcome.says, context, Phase.FORWARD)
                return False
            case Failed():
                return self._step_failed(step, outcome, context)
        return True

    def back(self, step: Step, outcome: Outcome, context: Context) -> bool:
        """What the undo of a step answered."""
        match outcome:
            case Wait():
                return self._wait(RunState.UNDOING, step, outcome, context, Phase.UNDO)
            case Done():
                self.undone(step, context=context, outcome=outcome)
            case NeedsPerson():
                self._ask(step, outcome.says, context, Phase.UNDO)
                return False
            case Failed():
                left = f"“{step.title}” could not be undone: {outcome.says}"
                look = self.rows.look(step, Phase.UNDO, context, "failed", outcome.says)
                with transaction.atomic():
                    self._settle(RunState.FAILED, f"{self.run.failure} {left}".strip(), beside=[look])
                    self._tell(Done(changes=kinds.untold(step.kind, step.memory)), step.undo_started_at)
        return True

    def undone(self, step: Step, *, context: Context | None = None, outcome: Done | None = None) -> None:
        """One step is put back (or, without a context, was never begun); on to the one before it."""
        beside = []
        if context is not None and outcome is not None:
            beside.append(self.rows.look(step, Phase.UNDO, context, "done", outcome.says))
            beside.append(self.rows.finish(step, StepState.UNDONE, outcome.says))
        with _with(outcome):
            if step.position:
                self._run(RunState.UNDOING, beside=beside, position=step.position - 1, says="", errors=0)
            else:
                self._settle(RunState.UNDONE, self.run.failure, beside=beside)
            self._tell(outcome, step.undo_started_at)

    def begin_undo(self, step: Step) -> None:
        self._run(RunState.UNDOING, beside=[self.rows.begin_undo(step)], says="")
        self.rows.began_undo(step, self.lease.now)

    def turn_back(self, why: str) -> None:
        """From now on the run undoes what it did."""
        with transaction.atomic():
            self.rows.close("cancelled")
            self._turn_back(why)

    def stop(self) -> None:
        """From now on nothing more is done or undone; what is held for a while only is given back, then it ends."""
        run = self.run
        because = f": {run.cancel_reason.rstrip('.')}" if run.cancel_reason else ""
        told = (run.failure, run.says, f"Stopped as it stood by {run.cancelled_by}{because}.")
        failure = " ".join(sentence for sentence in told if sentence)
        ending = RunState.FAILED if run.phase == Phase.UNDO else RunState.CANCELLED
        state = RunState.UNDOING if run.state == RunState.UNDOING else RunState.RUNNING
        with transaction.atomic():
            if step := self.rows.at(run.position):
                tell_untold(step, run.cancelled_by, run.cancel_reason)
            self.rows.close("stopped")
            self._run(state, phase=Phase.SETTLE, ending=ending, failure=failure, says="", errors=0)

    def settle_done(self) -> None:
        """All steps are done: what is still borrowed is given back, then the run ends as succeeded.

        Unless somebody decided otherwise in this very moment, and was told so: then that is heeded by the next look.
        """
        self._run(RunState.RUNNING, unless=_UNHEEDED, phase=Phase.SETTLE, ending=RunState.SUCCEEDED, says="", errors=0)

    def repaid(self, item: Borrowed, outcome: Outcome) -> bool:
        """What repaying an item of the ledger answered."""
        with transaction.atomic():
            match outcome:
                case Done():
                    self.lease.write(errors=0)
                    self._strike([item.pk])
                    self._tell(outcome)
                case Wait():
                    self._due(self.run.state, outcome)
                    return False
                case Failed() | NeedsPerson():
                    left = f"{item.says or item} could not be repaid: {outcome.says}"
                    self.lease.write(ending=RunState.FAILED, failure=f"{self.run.failure} {left}".strip(), errors=0)
                    Borrowed.objects.filter(pk=item.pk).update(stuck=True, tries=1, retry_at=Now() + FIRST_REPAIR)
                    self._event("ledger.stuck", left)
        return True

    def end(self) -> None:
        """The run is over: its state, its locks and its event in one transaction."""
        ending = RunState(self.run.ending)
        with transaction.atomic():
            self._run(ending, release=True, says="", due_at=None, ended_at=NOW, errors=0)
            release(self.run)
            self._event(
                f"run.{ending}",
                f"{self.run.name.capitalize()} of {self.run.subject} ended: {ending.label.lower()}"
                + (f". {self.run.failure}" if self.run.failure else ""),
            )

    def _refuse(self, why: str) -> None:
        """The run ends before its first effect."""
        with transaction.atomic():
            self._run(RunState.CANCELLED, release=True, failure=why, says="", due_at=None, ended_at=NOW, errors=0)
            release(self.run)
            self._event("run.cancelled", f"{self.run.name.capitalize()} of {self.run.subject} was not begun. {why}")

    def _step_done(self, step: Step, outcome: Done, context: Context) -> None:
        following = self.rows.at(step.position + 1)
        facts = {"facts": {**self.run.facts, **outcome.facts}} if outcome.facts else {}
        beside = [
            self.rows.look(step, Phase.FORWARD, context, "done", outcome.says),
            self.rows.finish(step, StepState.DONE, outcome.says),
            *([self.rows.begin(following)] if following else ()),
        ]
        with _with(outcome):
            self._run(RunState.RUNNING, beside=beside, position=step.position + 1, says="", errors=0, **facts)
            self._tell(outcome, step.started_at)
        if following:
            self.rows.began(following, self.lease.now)

    def _step_failed(self, step: Step, outcome: Failed, context: Context) -> bool:
        passed = any(each.irreversible and each.state != StepState.PENDING for each in self.rows.steps)
        past = " This is past the point of no return, so nothing is undone." if passed else ""
        ask = passed or self.run.on_failure == OnFailure.ASK
        beside = [
            self.rows.look(step, Phase.FORWARD, context, "failed", outcome.says),
            self.rows.finish(step, StepState.FAILED, outcome.says),
        ]
        with transaction.atomic():
            if ask:
                self._needs_person(f"{outcome.says}{past}", beside)
            else:
                self._turn_back(outcome.says, beside)
        return not ask

    def _ask(self, step: Step, says: str, context: Context, phase: Phase) -> None:
        with transaction.atomic():
            self._needs_person(says, [self.rows.look(step, phase, context, "", says)])

    def _needs_person(self, says: str, beside: Iterable[Sql]) -> None:
        due = Sql(f"CASE WHEN {_UNHEEDED.text} THEN {NOW.text} END", _UNHEEDED.params)
        self._run(RunState.NEEDS_PERSON, release=True, beside=beside, says=says, due_at=due)
        self._event("run.needs_person", says)

    def _wait(self, state: RunState, step: Step, outcome: Wait, context: Context, phase: Phase) -> bool:
        look = self.rows.look(step, phase, context, "", outcome.says)
        self._due(state, outcome, [look, *self.rows.wait(step, outcome.says)])
        return False

    def _due(self, state: str, outcome: Wait, beside: Iterable[Sql] = ()) -> None:
        # a decision that came meanwhile made the run due: it must not wait for what the step waits for
        then, errors = later(outcome.seconds), self.lease.errors
        due = Sql(f"CASE WHEN {_UNHEEDED.text} THEN {NOW.text} ELSE {then.text} END", _UNHEEDED.params + then.params)
        self._run(RunState(state), release=True, beside=beside, says=outcome.says, due_at=due, errors=errors)

    def _turn_back(self, why: str, beside: Iterable[Sql] = ()) -> None:
        last = min(self.run.position, len(self.rows.steps) - 1)  # all steps may be done already
        back = {"phase": Phase.UNDO, "position": last, "failure": why}
        self._run(RunState.UNDOING, beside=beside, **back, says="", errors=0, due_at=NOW)
        self._event("run.undoing", f"{self.run.name.capitalize()} is being undone. {why}")

    def _settle(self, ending: RunState, failure: str, *, beside: Iterable[Sql]) -> None:
        settle = {"phase": Phase.SETTLE, "ending": ending, "failure": failure}
        self._run(RunState.UNDOING, beside=beside, **settle, says="", errors=0)

    def _run(self, state: RunState, **changes: Any) -> None:
        before = self.run.state
        if state != before:
            check(before, state)
        self.lease.write(state=state, **changes)

    def _strike(self, items: Iterable[int]) -> None:
        owed = Borrowed.objects.filter(pk__in=items, repaid_at__isnull=True)
        owed.update(repaid_at=Now(), repaid_by=self.run)

    def _tell(self, outcome: Done | None, began_at: datetime | None = None) -> None:
        """All that the end of a step that began then brings with it: events, ledger, writes of the floors above."""
        if outcome is None:
            return
        if outcome.repaid:
            self._strike(outcome.repaid)
        for write in outcome.also:
            write()
        for change in outcome.changes:
            tell_change(change, self.run, self.run.cancelled_by or self.run.actor, self._reason, began_at)

    def _event(self, kind: str, summary: str) -> None:
        record(
            kind,
            actor=self.run.cancelled_by or self.run.actor,
            subject=self.run.subject,
            summary=summary,
            reason=self._reason,
            run=self.run.pk,
        )

    @property
    def _reason(self) -> str:
        """Why it is done: whoever turned the run back, or decided about it, may have had another reason."""
        return self.run.cancel_reason if self.run.cancelled_by else self.run.reason


def _with(outcome: Done | None) -> AbstractContextManager[object]:
    """A transaction, if the step's end brings more with it than the one statement that writes it."""
    more = outcome and (outcome.repaid or outcome.also or outcome.changes)
    return transaction.atomic() if more else nullcontext()
