"""What changed over REST: what the page of the same name shows, by the same filters, page after page."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from apps.console.filters import ChangeListFilter
from apps.deployments.changes import ChangeFilter
from apps.deployments.changes.filters import BESIDE, OTHERS
from apps.deployments.models import Deployment
from apps.events.services import record
from apps.images.services import set_recipe
from apps.workflows.states import RunState
from tests.api.conftest import ApiClient
from tests.console import baking, world

NEW = {"base": "debian-13", "copies": [], "options": {"installer": "uv"}, "timeout_seconds": 600}


def over_rest(client: ApiClient, **query: str) -> list[dict[str, Any]]:
    """Of every page of two."""
    found, url, more = [], "/api/v1/changes/", {**query, "page_size": "2"}
    while url:
        answer = client.get(url, more)
        assert answer.status_code == 200, answer.content
        found += answer.json()["results"]
        url, more = answer.json()["next"], {}
    return found


@pytest.fixture
def person(viewer: ApiClient) -> ApiClient:
    """Somebody signed in on both, where pushes go on and are over, and other things were changed."""
    settled, moving = world.settled("prod"), world.moving("test", application="shop")
    for each in (settled, moving):
        baking.recipe(each.application, each.environment)
    baking.bake(settled.application)
    baking.bake(settled.application, "4.9.9", RunState.UNDONE, failure="There is no api 4.9.9; look again.")
    baking.base_image(settled.environment, name="debian-13")
    set_recipe("api", NEW, actor="ann", reason="smaller")
    where = {"environment": "test", "region": world.REGION, "cluster": moving.cluster.name}
    record("cluster.policy_changed", actor="jo", subject="x", summary="jo changed it.", **where)
    assert viewer.user is not None
    viewer.force_login(viewer.user)
    return viewer


def test_page_and_rest_find_the_same_in_the_same_order_by_every_filter(person: ApiClient) -> None:
    ago = (timezone.now() - timedelta(hours=1)).isoformat()
    asked = {
        "kind": "recipe.",
        "application": "api",
        "environment": "test",
        "region": world.REGION,
        "cluster": "api-prod",
        "actor": "jo",
        "state": "undone",
        "image": Deployment.objects.earliest("pk").to_image,
        "since": ago,
        "until": timezone.now().isoformat(),
        "hours": "1",
    }
    assert set(asked) == set(ChangeListFilter.base_filters) == set(ChangeFilter.base_filters)
    for query in ({}, {"kind": "push"}, {"state": "active"}, *({name: value} for name, value in asked.items())):
        rows = person.get("/changes/", {"hours": "any", **query}).context["listing"].rows
        found = [(each["source"], each["id"]) for each in over_rest(person, **query)]
        assert found == [(row.source, row.number) for row in rows], query
        assert found, f"{query} finds nothing, so it shows nothing"


def test_each_says_how_it_went_what_was_changed_to_what_and_where_it_is_told(person: ApiClient) -> None:
    made, failed = (each for each in reversed(over_rest(person, kind="bake.")))
    assert (made["state"], failed["state"], failed["says"]) == (
        "succeeded",
        "undone",
        "There is no api 4.9.9; look again.",
    )
    assert made["changed"][0]["name"] == "image"
    assert person.get(failed["url"]).json()["version"] == "4.9.9"
    (recipe,) = over_rest(person, kind="recipe.")
    assert (recipe["actor"], recipe["reason"], recipe["state"]) == ("ann", "smaller", "")
    said = {each["name"]: (each["before"], each["after"]) for each in recipe["changed"]}
    assert (
        said.items()
        >= {
            "base": ("debian-12", "debian-13"),
            "copies": (baking.COPY, ""),
            "installer": ("pip", "uv"),
            "timeout_seconds": ("1800", "600"),
        }.items()
    )
    assert person.get(recipe["url"]).json()["base"] == "debian-13"
    (policy,) = over_rest(person, actor="jo")
    assert person.get(policy["url"]).json()["name"] == policy["cluster"]
    push = next(each for each in over_rest(person, kind="push") if each["state"] == "succeeded")
    assert {"name": "version", "before": "4.1.9", "after": "4.2.0"} in push["changed"]
    assert person.get(push["url"]).json()["id"] == push["id"]
    assert person.get("/api/v1/changes/", {"hours": "2"}).status_code == 400


def test_every_kind_that_is_recorded_is_one_that_can_be_asked_for_or_none_of_a_change() -> None:
    recorded = re.compile(r'\b(?:record|_tell)\(\s*"([a-z_]+\.[a-z_]+)"')
    sources = Path(settings.BASE_DIR, "apps").rglob("services/**/*.py")
    kinds = {kind for source in sources for kind in recorded.findall(source.read_text())}
    assert len(kinds) > 20
    assert {kind for kind in kinds if not kind.startswith((*OTHERS, *BESIDE, "deployment."))} == set()
