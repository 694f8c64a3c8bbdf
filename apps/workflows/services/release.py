"""Letting go of a resource's lock, and giving it to the run that waits longest for it."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from apps.workflows.kinds import why_kept
from apps.workflows.models import Lock, Run
from apps.workflows.selectors import owed_by_ended
from apps.workflows.selectors.queue import REPAIR, queued
from apps.workflows.services.nudge import nudge


def release(run: Run) -> None:
    """Frees what the run holds, and hands it on, in the transaction of the caller: nobody else comes in between."""
    freed, _ = Lock.objects.filter(run=run).delete()
    if freed and run.resource:
        _hand_on(run.resource)


def pass_on(resource: str) -> None:
    """Gives a lock that nobody holds to the run that waits longest for it, if any does."""
    try:
        with transaction.atomic():
            _hand_on(resource)
    except IntegrityError:  # somebody took it in this instant
        return


def pass_on_all() -> None:
    """The same for every resource that is waited for and not held: the net below `release`."""
    free = queued().filter(~Exists(Lock.objects.filter(resource=OuterRef("resource"))))
    for resource in set(free.values_list("resource", flat=True)):
        pass_on(resource)


def _hand_on(resource: str) -> None:
    """Gives it to a repair, or to who waits longest; to nobody while a repair is yet to be started.

    Who planned before what was left is given back would take it for the way it should be.
    """
    waiting = queued().filter(resource=resource).select_for_update().order_by("pk")
    run = waiting.filter(kind=REPAIR).first()
    if run is None and not any(not why_kept(item) for item in owed_by_ended().filter(run__resource=resource)):
        run = waiting.first()
    if run is None:
        return
    Lock.objects.create(resource=resource, run=run, owner=run.actor, reason=run.reason)
    Run.objects.filter(pk=run.pk).update(due_at=Now(), says="", changed_at=Now())
    nudge(run.pk)
