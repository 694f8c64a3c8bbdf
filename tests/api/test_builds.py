"""Builds over REST: reported, listed, read with where they have gone since; every wrong field is named."""

from __future__ import annotations

from typing import Any

import pytest

from apps.events.models import Event
from apps.images.models import Build
from apps.inventory.models import Application, Image
from tests.api.conftest import ApiClient
from tests.api.fleet import Fleet

UNIT = {"name": "unit", "outcome": "passed", "url": "https://ci.example/7/unit", "says": "412 passed"}
GIVEN = {
    "application": "shop.web",
    "version": "4.2.0",
    "number": "7",
    "commit": "0123abc",
    "branch": "main",
    "ci_url": "https://ci.example/7",
    "changelog": "fix login",
    "gates": [UNIT],
}


def reported(client: ApiClient, status: int = 201, **changes: Any) -> dict[str, Any]:
    answer = client.submit("builds/", {**GIVEN, **changes})
    assert answer.status_code == status, answer.content
    body: dict[str, Any] = answer.json()
    assert answer.headers["Location"] == body["url"]
    return body


def test_a_build_is_reported_once_and_then_known(fleet: Fleet, operator: ApiClient) -> None:
    body = reported(operator)
    assert {name: body[name] for name in GIVEN if name != "gates"} == {
        name: value for name, value in GIVEN.items() if name != "gates"
    }
    assert (body["package"], body["reported_by"]) == ("shop.web", "oscar")
    (gate,) = body["gates"]
    assert gate.pop("updated_at")
    assert gate == UNIT
    again = reported(operator, 200, gates=[{**UNIT, "outcome": "failed", "says": "3 failed"}])
    assert again["id"] == body["id"]
    assert [(each["outcome"], each["says"]) for each in again["gates"]] == [("failed", "3 failed")]


def test_a_key_makes_it_safe_to_send_again(fleet: Fleet, operator: ApiClient) -> None:
    first = operator.submit("builds/", GIVEN, Idempotency_Key="once")
    again = operator.submit("builds/", GIVEN, Idempotency_Key="once")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["Idempotent-Replay"] == "true"
    assert Event.objects.filter(kind="build.reported").count() == 1


def test_one_tells_where_it_has_gone(fleet: Fleet, operator: ApiClient) -> None:
    pushed = fleet.deployment()
    body = operator.get(reported(operator)["url"]).json()
    gone = body["gone_to"]
    image = Image.objects.get(version="4.2.0")
    assert gone["image_ids"] == [image.image_id]
    (listed,) = operator.get("/api/v1/builds/").json()["results"]
    used = [{"environment": "prod", "region": image.region, "does": "serves"}]
    assert listed["image_ids"] == body["image_ids"] == [image.image_id]
    assert listed["used_in"] == body["used_in"] == used
    assert [(each["image_id"], each["environment"]) for each in gone["images"]] == [(image.image_id, "prod")]
    assert [(each["group"], each["does"]) for each in gone["groups"]] == [("shop.web-prod-v013", "serves")]
    assert [(each["id"], each["cluster"], each["state"]) for each in gone["deployments"]] == [
        (pushed.pk, "shop.web-prod", "succeeded")
    ]
    assert gone["bakes"] == []
    for link in (gone["images"][0]["url"], gone["groups"][0]["group_url"], gone["deployments"][0]["url"]):
        assert operator.get(link).status_code == 200


def told(client: ApiClient, status: int = 201) -> int:
    """How many images a build has, by itself and in the list alike."""
    one = client.get(reported(client, status)["url"]).json()
    (listed,) = client.get("/api/v1/builds/").json()["results"]
    assert listed["image_ids"] == one["image_ids"] == one["gone_to"]["image_ids"]
    return len(one["image_ids"])


def test_an_image_of_another_build_of_the_version_is_not_its_own(fleet: Fleet, operator: ApiClient) -> None:
    Image.objects.filter(version="4.2.0").update(build="8")
    assert told(operator) == 0
    Image.objects.filter(version="4.2.0").update(build="WEB-build/7")  # as an appversion tag has it
    assert told(operator, 200) == 1


def test_the_list_is_filtered(fleet: Fleet, operator: ApiClient) -> None:
    Application.objects.create(name="api")
    one = reported(operator)["id"]
    two = reported(operator, application="api", version="5.0.0", branch="next", commit="ffff", number="9")["id"]
    three = reported(operator, number="8", gates=[UNIT, {"name": "regression", "outcome": "failed"}])["id"]
    found = {
        query: [each["id"] for each in operator.read(f"builds/?{query}").json()["results"]]
        for query in (
            "",
            "application=api",
            "version=4.2.0",
            "branch=next",
            "commit=0123",
            "gate=regression",
            "outcome=failed",
            "gate=unit&outcome=failed",
            "gate=unit&outcome=passed&application=api",
            "q=9",
            "ordering=id",
        )
    }
    assert found == {
        "": [three, two, one],
        "application=api": [two],
        "version=4.2.0": [three, one],
        "branch=next": [two],
        "commit=0123": [three, one],
        "gate=regression": [three],
        "outcome=failed": [three],
        "gate=unit&outcome=failed": [],
        "gate=unit&outcome=passed&application=api": [two],
        "q=9": [two],
        "ordering=id": [one, two, three],
    }
    assert operator.read("builds/?outcome=green").status_code == 400


@pytest.mark.parametrize(
    ("change", "field", "status"),
    [
        ({"application": "nothing"}, "application", 422),
        ({"application": None}, "application", 400),
        ({"version": ""}, "version", 400),
        ({"version": "4 2"}, "version", 422),
        ({"ci_url": "javascript:x"}, "ci_url", 422),
        ({"colour": "red"}, "colour", 400),
        ({"gates": {}}, "gates", 400),
        ({"gates": [{**UNIT, "outcome": "green"}]}, "gates.0.outcome", 400),
        ({"gates": [{**UNIT, "at": "noon"}]}, "gates.0.at", 400),
        ({"gates": [{**UNIT, "url": "ftp://x"}]}, "gates.0.url", 422),
    ],
)
def test_a_wrong_field_is_named(
    fleet: Fleet, operator: ApiClient, change: dict[str, Any], field: str, status: int
) -> None:
    answer = operator.submit("builds/", {**GIVEN, **change})
    assert answer.status_code == status, answer.content
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert not Build.objects.exists()
    assert "valid choice" not in answer.json()["detail"], "the choices are named"


def test_an_application_with_builds_on_record_is_kept(fleet: Fleet, administrator: ApiClient) -> None:
    Application.objects.create(name="api")
    reported(administrator, application="api")
    answer = administrator.send("DELETE", "applications/api/")
    assert answer.status_code == 409
    assert "builds on record" in answer.json()["detail"]
