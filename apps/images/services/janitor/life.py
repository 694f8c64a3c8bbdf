"""The life of a mark: marked, notified, being deleted, deleted; or unmarked. Each transition is one transaction with
its event, and is made only from the state that it begins at: of two janitors one makes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from apps.events.services import record
from apps.images.janitor import Kind, Thing
from apps.images.janitor.base import ACTED, LEFT
from apps.images.models import JanitorRules, Keep, Mark
from apps.inventory.models import Environment

ACTOR = "janitor"
State = Mark.State


def mark(environment: Environment, kind: Kind, thing: Thing, rules: JanitorRules, now: datetime) -> Mark | None:
    """Marks a thing that may go; None where another janitor did."""
    try:
        with transaction.atomic():
            row = Mark.objects.create(
                environment=environment,
                region=thing.region,
                kind=kind.slug,
                resource=thing.resource,
                called=thing.called[:300],
                application=thing.application,
                because=thing.because,
                since=thing.since or now,
                due_at=now + timedelta(days=rules.grace_days),
            )
            _tell("janitor.marked", row, f"{_named(row)} may go from {row.due_at:%Y-%m-%d} on: {row.because}", "")
    except IntegrityError:
        return None
    return row


def notify(row: Mark) -> bool:
    """Tells whoever listens to events that it will go."""
    with transaction.atomic():
        if not _move(row, State.MARKED, State.NOTIFIED, notified_at=Now()):
            return False
        says = f"{_named(row)} will be deleted on {row.due_at:%Y-%m-%d} or later, unless it is used or kept"
        _tell("janitor.notified", row, f"{says}: {row.because}", State.MARKED)
    return True


def intend(row: Mark, memory: Mapping[str, Any]) -> bool:
    """Writes down that it is going to be deleted, before anything is done on AWS. Not while somebody keeps it."""
    with transaction.atomic():
        here = {"region": row.region, "kind": row.kind, "resource": row.resource}
        if Keep.objects.filter(environment__account_id=row.environment.account_id, **here).exists():
            return False
        if not _move(row, State.NOTIFIED, State.DELETING, deleting_at=Now(), memory=dict(memory)):
            return False
        _tell("janitor.deleting", row, f"{_named(row)} is going to be deleted: {row.because}", State.NOTIFIED)
    return True


def acting(row: Mark) -> None:
    """Writes down that a call which deletes is about to be sent."""
    row.memory = {**row.memory, ACTED: True}
    row.save(update_fields=["memory"])


def deleted(row: Mark) -> bool:
    """Nothing of it is left, but for what its memory says that somebody keeps."""
    left = str(row.memory.get(LEFT, ""))
    with transaction.atomic():
        if not _move(row, State.DELETING, State.DELETED, ended_at=Now(), says=left):
            return False
        _tell("janitor.deleted", row, f"{_named(row)} was deleted: {row.because} {left}".rstrip(), State.DELETING)
    return True


def unmark(row: Mark, why: str) -> bool:
    """It stays."""
    with transaction.atomic():
        was = row.state
        if not _move(row, was, State.UNMARKED, ended_at=Now(), says=why):
            return False
        _tell("janitor.unmarked", row, f"{_named(row)} stays: {why}", was)
    return True


def say(row: Mark, why: str) -> None:
    """Why nothing came of it this time; nobody is told, it is tried again."""
    Mark.objects.filter(pk=row.pk).update(says=why, tries=row.tries + 1)


def _move(row: Mark, before: str, after: str, **values: Any) -> bool:
    if before not in Mark.LIVE:
        return False
    if not Mark.objects.filter(pk=row.pk, state=before).update(state=after, **values):
        return False
    row.refresh_from_db()
    return True


def _named(row: Mark) -> str:
    called = f" ({row.called})" if row.called else ""
    return f"The {row.kind.replace('-', ' ')} {row.resource}{called} in {row.environment.name} {row.region}"


def _tell(what: str, row: Mark, summary: str, was: str) -> None:
    record(
        what,
        actor=ACTOR,
        subject=row.resource[:255],
        summary=summary,
        before={"state": str(was)},
        after={
            "mark": row.pk,
            "kind": row.kind,
            "application": row.application,
            "state": str(row.state),
            "due_at": row.due_at.isoformat(),
        },
        environment=row.environment.name,
        region=row.region,
    )
