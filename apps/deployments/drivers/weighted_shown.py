"""What may be taken for so, of rules as AWS shows them: they may be shown for a while as they were before a change."""

from __future__ import annotations

from collections.abc import Iterable

from apps.cloud.values import RuleState
from apps.deployments.place import APPEARS_WITHIN, LookAgain
from apps.workflows.context import Context
from apps.workflows.plans import Failed, NeedsPerson, Outcome

NOWHERE_AFTER = 60.0  # seconds for which rules send nothing to either group until somebody is asked
NOWHERE_FORGOTTEN = 20.0  # seconds between two such looks that make it another time


def moved_by_us(context: Context, sending: Iterable[RuleState], takes: str) -> bool:
    """Whether this step gave `takes` its weight in each of the rules, by a call that was answered."""
    moved = context.memory.get("moved_to") or {}
    return all(moved.get(rule.arn) == takes for rule in sending)


def make_sure(context: Context, name: str) -> None:
    """Raises LookAgain while a rule may be shown as it was before the group's weight was taken."""
    if context.elapsed < APPEARS_WITHIN:
        raise LookAgain(f"The rules show {name} with all of its weight; making sure that this is so by now.")


def nowhere(context: Context, name: str, other: str) -> Outcome:
    """Neither half of a pair has any weight. Raises LookAgain while that may be so for a moment, or be shown late."""
    says = f"No rule sends anything to {name} or {other}"
    since, look = context.memory.get("nowhere") or (context.elapsed, 0.0)
    if not 0 <= context.elapsed - look <= NOWHERE_FORGOTTEN:  # the undo has a clock of its own
        since = context.elapsed
    context.remember(nowhere=[since, context.elapsed])
    if context.elapsed - since < NOWHERE_AFTER:
        raise LookAgain(f"{says}, as AWS shows it; looking again.")
    mend = f"{says} any more: somebody changed the rules. Give {name}'s target groups their weight, then try again."
    return NeedsPerson(mend) if "undoing" in context.memory else Failed(f"{says} any more: somebody changed the rules.")
