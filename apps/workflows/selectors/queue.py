"""Who holds a resource, who waits for it, and whether the holder goes on at all."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import BooleanField, Case, Q, QuerySet, Value, When
from django.db.models.functions import Now

from apps.workflows.models import Lock, Run
from apps.workflows.states import RunState

REPAIR = "repair"  # the kind of run that gives back what others left
STALE = timedelta(seconds=60)  # a due run that no worker has looked at for so long does not advance


def queued() -> QuerySet[Run]:
    """Runs that were accepted while their resource was busy, and still wait for its lock."""
    return Run.objects.filter(planned=False, state=RunState.QUEUED, due_at__isnull=True)


def waits(run: Run) -> bool:
    """Whether a run is one of them."""
    return not run.planned and run.state == RunState.QUEUED and run.due_at is None


def holder(resource: str) -> Lock | None:
    """Who holds the lock on a resource, if anybody."""
    return Lock.objects.select_related("run").filter(resource=resource).first()


def with_overdue(runs: QuerySet[Run]) -> QuerySet[Run]:
    """The runs, each with `overdue`: due, and looked at by no worker for too long. `why_stuck` then asks no more."""
    overdue = Q(due_at__lt=Now() - STALE) & ~Q(lease_until__gt=Now())
    told = Case(When(overdue, then=Value(True)), default=Value(False), output_field=BooleanField())
    return runs.annotate(overdue=told)


def why_stuck(run: Run) -> str:
    """Why a run does not advance by itself, in a sentence; empty while it does. A query, unless read with `overdue`."""
    if run.ended:
        return ""
    if run.state == RunState.NEEDS_PERSON:
        return f"{run.name.capitalize()} asks for a person: {run.says}"
    if not hasattr(run, "overdue"):
        return why_stuck(with_overdue(Run.objects.all()).get(pk=run.pk))
    says = f"{run.name.capitalize()} is due, and no worker has looked at it for over {STALE.seconds} s."
    return says if run.overdue else ""
