"""Events are written once. Neither code nor SQL changes or deletes one."""

from __future__ import annotations

import pytest
from django.db import Error, connection, transaction

from apps.events.models import AppendOnly, Event
from apps.events.services import record

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Event:
    return record("test.happened", actor="alice", subject="api-prod", summary="It happened.", reason="because")


def test_an_event_keeps_who_what_why_before_and_after() -> None:
    made = record(
        "group.resized",
        actor="alice",
        subject="api-prod-v012",
        summary="alice resized api-prod-v012.",
        reason="more load",
        before={"desired": 2},
        after={"desired": 4},
        run=7,
        environment="prod",
        region="us-east-1",
        cluster="api-prod",
    )
    read = Event.objects.get(pk=made.pk)
    assert (read.actor, read.reason, read.before, read.after) == ("alice", "more load", {"desired": 2}, {"desired": 4})


def test_the_model_refuses_to_change_or_delete(event: Event) -> None:
    event.summary = "It never happened."
    with pytest.raises(AppendOnly):
        event.save()
    with pytest.raises(AppendOnly):
        event.delete()
    with pytest.raises(AppendOnly):
        Event.objects.filter(pk=event.pk).update(summary="")
    with pytest.raises(AppendOnly):
        Event.objects.all().delete()


@pytest.mark.parametrize("sql", ["UPDATE events_event SET summary = ''", "DELETE FROM events_event"])
def test_the_database_refuses_too(event: Event, sql: str) -> None:
    with pytest.raises(Error, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert Event.objects.get().summary == "It happened."


def test_an_event_rolls_back_with_the_change_it_tells_of() -> None:
    with transaction.atomic():
        record("test.happened", actor="alice", subject="x", summary="It nearly happened.")
        transaction.set_rollback(True)
    assert not Event.objects.exists()
