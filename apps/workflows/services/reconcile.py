"""The reconciler: what an ended run left borrowed, and nothing keeps, is given back by a run of kind "repair"."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import partial

from django.db.models import F
from django.db.models.functions import Now

from apps.workflows.context import Context
from apps.workflows.kinds import planner, why_kept
from apps.workflows.models import Borrowed, Run
from apps.workflows.plans import Failed, Outcome, Planned, PlannedStep
from apps.workflows.selectors import owed_by_ended
from apps.workflows.selectors.queue import REPAIR
from apps.workflows.services.start import start
from apps.workflows.states import ACTIVE

ACTOR = "deployconsole"
FIRST_PAUSE = timedelta(minutes=1)  # until a repair that failed is tried again; then twice as long, and so on
LONGEST_PAUSE = timedelta(hours=6)
GIVEN_UP_AFTER = 900.0  # seconds for one item; the next repair tries it again


def reconcile(resource: str = "") -> int:
    """Starts a repair for every resource of which something is left borrowed, or for this one alone.

    A busy one waits its turn. Answers how many were started.
    """
    owed = owed_by_ended()
    left: dict[str, list[Borrowed]] = defaultdict(list)
    for item in owed.filter(run__resource=resource) if resource else owed:
        if not why_kept(item):
            left[item.run.resource].append(item)
    going_on = set(Run.objects.filter(kind=REPAIR, state__in=ACTIVE).values_list("resource", flat=True))
    due = {resource: items for resource, items in left.items() if resource not in going_on}
    for resource, items in due.items():
        _start(resource, items)
    return len(due)


def _start(resource: str, items: Sequence[Borrowed]) -> None:
    owners = sorted({item.run.name for item in items})

    def created(run: Run) -> None:
        if run.planned:
            _put_off(items)

    start(
        kind=REPAIR,
        subject=items[0].run.subject,
        steps=_steps(items),
        actor=ACTOR,
        reason=f"{', '.join(owners)} ended and left it so",
        lock=resource,
        created=created,
        queue=True,
    )


@planner(REPAIR)
def plan(context: Context) -> Planned | Outcome:
    """The steps of a repair that waited its turn: whatever is left to be given back by now."""
    resource = Run.objects.values_list("resource", flat=True).get(pk=context.run_id)
    items = [item for item in owed_by_ended().filter(run__resource=resource) if not why_kept(item)]
    if not items:
        return Failed("Everything was given back meanwhile.")
    return Planned(_steps(items), also=(partial(_put_off, items),))


def _steps(items: Iterable[Borrowed]) -> tuple[PlannedStep, ...]:
    """The newest first: what was changed last is put back first."""
    return tuple(
        PlannedStep(
            "repay",
            f"Give back what {item.run.name} left: {item.says or item}",
            {"item": item.pk},
            timeout_seconds=GIVEN_UP_AFTER,
            expected_seconds=1,
        )
        for item in items
    )


def _put_off(items: Iterable[Borrowed]) -> None:
    """When to try again, should this fail: written as it begins, so that no way of failing forgets it."""
    for item in items:
        pause = min(FIRST_PAUSE * 2 ** min(item.tries, 16), LONGEST_PAUSE)
        Borrowed.objects.filter(pk=item.pk).update(retry_at=Now() + pause, tries=F("tries") + 1)
