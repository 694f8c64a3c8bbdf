"""What is borrowed now, by whom, and when it is expected back."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet, prefetch_related_objects
from django.db.models.functions import Now
from django.utils import timezone

from apps.workflows.kinds import why_kept
from apps.workflows.models import Borrowed, Run
from apps.workflows.states import ENDED, Phase, StepState


@dataclass(frozen=True)
class Owed:
    """Something changed for a while. `back_by` is an estimate, or with `at_latest` when its owner gives up; None where
    nobody can tell.

    `kept`, where it rightly stays so for longer, says why; `trouble`, where it should be back but is not, what is
    done about it.
    """

    says: str
    owner: str
    run: int
    since: datetime
    back_by: datetime | None
    at_latest: bool
    kept: str = ""
    trouble: str = ""

    @property
    def sentence(self) -> str:
        """For example "min raised 4 → 12 by push 87, back by 14:20 UTC"."""
        latest = " at the latest" if self.at_latest else ""
        back = f", back by {self.back_by:%H:%M} UTC{latest}" if self.back_by else ""
        return f"{self.says} by {self.owner}{back}{f'; {self.kept}' if self.kept else ''}"


def borrowed_of(resource: str) -> tuple[Owed, ...]:
    """What is borrowed of a resource (as the ledger names it) now, the oldest first."""
    return borrowed_of_each([resource])[resource]


def borrowed_of_each(resources: Collection[str], beside: Iterable[Run] = ()) -> dict[str, tuple[Owed, ...]]:
    """What is borrowed of each of the resources now; one query, and one for the steps of owners that go on.

    The latter loads the steps of runs `beside` them too, for who shows both. What an ended owner does not leave
    so by its plan costs what its keeper asks.
    """
    items = list(Borrowed.objects.filter(resource__in=resources, repaid_at__isnull=True).select_related("run"))
    prefetch_related_objects([*beside, *(item.run for item in items if not item.run.ended)], "steps")
    found: dict[str, list[Owed]] = {resource: [] for resource in resources}
    for item in items:
        found[item.resource].append(_owed(item))
    return {resource: tuple(owed) for resource, owed in found.items()}


def owed_by_ended() -> QuerySet[Borrowed]:
    """What ended runs have left borrowed, kept or not, and that may be tried to be given back now."""
    now = Q(retry_at__isnull=True) | Q(retry_at__lte=Now())
    return (
        Borrowed.objects.filter(now, repaid_at__isnull=True, run__state__in=ENDED)
        .exclude(run__resource="")
        .select_related("run")
        .order_by("-pk")
    )


def _owed(item: Borrowed) -> Owed:
    run = item.run
    back_by, at_latest = _back_by(run) if not (run.ended or item.keep) else (None, False)
    kept = why_kept(item) if run.ended else "it stays so when that has ended" if item.keep else ""
    return Owed(
        says=item.says or item.kind,
        owner=run.name,
        run=run.pk,
        since=item.borrowed_at,
        back_by=back_by,
        at_latest=at_latest,
        kept=kept,
        trouble=_trouble(item) if run.ended and not kept else "",
    )


def _trouble(item: Borrowed) -> str:
    if item.tries and item.retry_at:
        again = f"tried again at {item.retry_at:%H:%M} UTC"
        return f"It was not given back in {item.tries} tries; {again}."
    return "Its owner has ended; it is being given back."


def _back_by(run: Run) -> tuple[datetime | None, bool]:
    """When a run that goes on should have ended, by what its steps are expected to take; None where nobody can tell.

    A step of which there is no earlier one to go by counts with the time at which it gives up: then it is the latest.
    """
    if run.phase == Phase.UNDO:
        return None, False
    now = timezone.now()
    left, at_latest = 0.0, False
    for step in run.steps.all():
        if step.state not in {StepState.PENDING, StepState.RUNNING}:
            continue
        takes = step.timeout_seconds if step.expected_seconds is None else step.expected_seconds
        if takes is None:
            return None, False
        at_latest |= step.expected_seconds is None
        passed = (now - step.started_at).total_seconds() if step.started_at else 0.0
        left += max(takes - passed, 0.0)
    end = now + timedelta(seconds=left)
    return end.replace(second=0, microsecond=0), at_latest  # an estimate, no surer than a minute
