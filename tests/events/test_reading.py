"""Events are found by cluster, run, actor, kind and time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.http import QueryDict

from apps.events import selectors
from apps.events.filters import EventFilter
from apps.events.models import Event
from apps.events.services import record

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def three_events() -> list[Event]:
    return [
        record(
            "deployment.started",
            actor="alice",
            subject="api",
            summary="1",
            run=1,
            cluster="api",
            region="r",
            environment="e",
        ),
        record(
            "deployment.ended",
            actor="worker",
            subject="api",
            summary="2",
            run=1,
            cluster="api",
            region="r",
            environment="e",
        ),
        record("user.signed_in", actor="bob", subject="bob", summary="3"),
    ]


def summaries(events: object) -> list[str]:
    return [event.summary for event in events]  # type: ignore[attr-defined]


def test_of_a_cluster_newest_first() -> None:
    assert summaries(selectors.of_cluster("e", "r", "api")) == ["2", "1"]
    assert summaries(selectors.of_cluster("other", "r", "api")) == []


def test_of_a_run_oldest_first() -> None:
    assert summaries(selectors.of_run(1)) == ["1", "2"]


def test_of_an_actor() -> None:
    assert summaries(selectors.of_actor("bob")) == ["3"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["3", "2", "1"]),
        ("kind=deployment.", ["2", "1"]),
        ("kind=deployment.ended", ["2"]),
        ("kind=deployment", []),
        ("actor=alice", ["1"]),
        ("run=1&actor=worker", ["2"]),
        ("cluster=api&environment=e&region=r", ["2", "1"]),
        ("subject=bob", ["3"]),
        ("application=api", ["2", "1"]),
        ("application=ap", []),
    ],
)
def test_by_the_filters_of_page_and_api(query: str, found: list[str]) -> None:
    assert summaries(EventFilter(QueryDict(query), selectors.all_events()).qs) == found


def test_of_an_application_is_also_what_carries_no_cluster() -> None:
    for number, (kind, more) in enumerate(
        (
            ("freeze.created", {"after": {"application": "shop"}}),
            ("freeze.ended", {"before": {"application": "shop"}}),
            ("freeze.created", {"after": {"application": ""}}),
            ("application.changed", {"subject": "shop"}),
            ("run.cancelled", {"subject": "shop-prod"}),
            ("run.cancelled", {"subject": "shopping-prod"}),
            ("user.changed", {"subject": "shop"}),
            ("group.resized", {"cluster": "shop-prod"}),
            ("promotion.requested", {"after": {"application": "shop"}}),
            ("promotion.requested", {"after": {"application": "shopping"}}),
            ("recipe.changed", {"subject": "shop"}),
        )
    ):
        record(kind, actor="jo", summary=str(number), **{"subject": "x", **more})
    found = summaries(EventFilter({"application": "shop"}, selectors.all_events()).qs)
    assert found == ["10", "8", "7", "4", "3", "1", "0"]


def test_by_time(three_events: list[Event]) -> None:
    middle = three_events[1].at
    later = (middle + timedelta(microseconds=1)).isoformat()
    assert summaries(EventFilter({"since": middle.isoformat()}, selectors.all_events()).qs) == ["3", "2"]
    assert summaries(EventFilter({"until": later}, selectors.all_events()).qs) == ["2", "1"]
    assert not EventFilter({"since": "yesterday"}, selectors.all_events()).is_valid()
