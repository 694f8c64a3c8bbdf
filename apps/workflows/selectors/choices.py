"""What a person may decide about a run now: what each choice does, and where one is not possible, why."""

from __future__ import annotations

from dataclasses import dataclass

from apps.workflows.kinds import kind, slugs
from apps.workflows.models import Borrowed, Run, Step
from apps.workflows.states import Decision, Phase, RunState, StepState


@dataclass(frozen=True)
class Choice:
    """`says` tells in a sentence what it does; `why_not`, where it cannot be done now, why; empty where it can.

    `stays` names what stays changed after it: sentences.
    """

    slug: str
    says: str
    why_not: str = ""
    stays: tuple[str, ...] = ()

    @property
    def possible(self) -> bool:
        return not self.why_not


def choices(run: Run) -> tuple[Choice, ...]:
    """Every choice about a run that has not ended; of one that has, none."""
    if run.ended:
        return ()
    seen = _Seen(run)
    return (seen.retry(), seen.undo(), seen.stop(), seen.forward())


def cancelling(run: Run) -> Choice | None:
    """What to cancel a run means now: to undo it, or, where it can go neither on nor back, to stop it as it stands."""
    by_slug = {choice.slug: choice for choice in choices(run)}
    undo, stop = by_slug.get(Decision.UNDO), by_slug.get(Decision.STOP)
    return stop if stop and stop.possible and not _possible(undo) and run.state == RunState.NEEDS_PERSON else undo


def _possible(choice: Choice | None) -> bool:
    return choice is not None and choice.possible


class _Seen:
    """A run as it is now, asked what could be done about it."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.name = run.name.capitalize()
        self.steps = sorted(run.steps.all(), key=lambda step: step.position)
        self.step = next((step for step in self.steps if step.position == run.position), None)
        self.title = f"“{self.step.title}”" if self.step else "the plan"
        self.asks = run.state == RunState.NEEDS_PERSON

    def retry(self) -> Choice:
        back = self.run.phase == Phase.UNDO
        says = f"Tries {'to undo ' if back else ''}{self.title} again; its time begins anew."
        return Choice(Decision.RETRY, says, self._settled() or self._asks_nobody())

    def undo(self) -> Choice:
        if not self._begun():
            return Choice(Decision.UNDO, f"Ends {self.run.name}; nothing has been changed.")
        says = "Puts back everything that was done, the last step first."
        passed = self._passed()
        if self.run.phase == Phase.UNDO:
            return Choice(Decision.UNDO, says, f"{self.name} is being undone already.")
        past = f"{self.name} is past its point of no return: “{passed.title}” has started." if passed else ""
        return Choice(Decision.UNDO, says, self._settled() or past)

    def stop(self) -> Choice:
        stays = tuple(self._stays())
        says = "Stops here as it stands: nothing more is done and nothing is undone."
        says += f" Stays as it is: {'; '.join(stays)}." if stays else ""
        why_not = self._settled()
        if not self._begun():
            why_not = f"{self.name} has changed nothing yet: there is nothing to leave as it stands."
        elif self.run.phase == Phase.UNDO and not self.asks:
            why_not = why_not or f"{self.name} is being undone; it can be stopped once it asks for a person."
        return Choice(Decision.STOP, says, why_not, stays)

    def forward(self) -> Choice:
        passed = self._passed()
        says = f"Leaves {self.title} as it is and goes on with what comes after it."
        says += " There is no way back." if passed else ""
        why_not = self._settled() or self._asks_nobody()
        if self.run.phase == Phase.UNDO:
            why_not = f"{self.name} is being undone; forward is another one."
        elif not (passed or self._skippable()):
            why_not = why_not or f"{self.title} cannot be left out: what comes after it builds on it."
        return Choice(Decision.FORWARD, says, why_not)

    def _begun(self) -> bool:
        return self.run.state != RunState.QUEUED or any(step.started_at for step in self.steps)

    def _passed(self) -> Step | None:
        """The first step past the point of no return that has started."""
        passed = (step for step in self.steps if step.irreversible and step.state != StepState.PENDING)
        return next(passed, None)

    def _skippable(self) -> bool:
        return self.step is not None and self.step.kind in slugs() and kind(self.step.kind).skippable

    def _settled(self) -> str:
        if self.run.phase == Phase.SETTLE:
            return f"{self.name} has done its work and is just finishing."
        if self.run.unheeded:
            word = "stopped" if self.run.decision == Decision.STOP else "undone"
            return f"{self.run.cancelled_by} asked for it to be {word} already."
        return ""

    def _asks_nobody(self) -> str:
        return "" if self.asks else f"{self.name} goes on by itself: it is {self.run.get_state_display().lower()}."

    def _stays(self) -> list[str]:
        kept = Borrowed.objects.filter(run=self.run, keep=True, repaid_at__isnull=True)
        return [item.says or str(item) for item in kept]
