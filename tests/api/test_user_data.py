"""User data templates over REST: known to everybody without the text, written with If-Match, read by operators."""

from __future__ import annotations

from typing import Any

import pytest

from apps.events.models import Event
from apps.inventory.models import UserData
from tests.api.conftest import ApiClient
from tests.api.fleet import REGION, Fleet

PATH = "applications/shop.web/user-data/"
TEXT = "export GROUP=${group}\nexport LEVEL=${LEVEL}\n"
BODY = {"text": TEXT, "variables": {"prod": {"LEVEL": "hush"}}, "reason": "identity"}


def test_it_is_written_and_everybody_knows_of_it_without_the_text(
    fleet: Fleet, administrator: ApiClient, viewer: ApiClient
) -> None:
    missing = viewer.read(PATH)
    assert (missing.status_code, missing.json()["detail"]) == (404, "shop.web has no user data template.")
    written = administrator.send("PATCH", PATH, BODY)
    assert written.status_code == 200, written.content
    answer = viewer.read(PATH)
    body = answer.json()
    assert (body["version"], body["actor"], body["reason"], body["prefix"]) == (1, "ada", "identity", "CLOUD_")
    assert body["variable_names"] == {"prod": ["LEVEL"]}
    assert {place["cluster"] for place in body["places"]} >= {"shop.web-prod"}
    assert all(place["bytes"] > 40 for place in body["places"])
    assert "hush" not in answer.content.decode()
    assert [each["version"] for each in viewer.read(f"{PATH}versions/").json()["results"]] == [1]


def test_a_change_is_made_only_to_the_version_that_was_read(fleet: Fleet, administrator: ApiClient) -> None:
    administrator.send("PATCH", PATH, BODY)
    etag = administrator.read(PATH).headers["ETag"]
    assert administrator.read(PATH, If_None_Match=etag).status_code == 304
    changed = administrator.send("PATCH", PATH, {"prefix": "APP_", "reason": "ours"}, If_Match=etag)
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    late = administrator.send("PATCH", PATH, {"text": "x", "reason": "late"}, If_Match=etag)
    assert late.status_code == 412
    assert UserData.objects.count() == 2


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"text": "${colour}"}, "text"),
        ({"text": 7}, "text"),
        ({"text": "x" * 20_000}, "text"),
        ({"variables": {"live": {"A": "b"}}}, "variables.live"),
        ({"variables": {"prod": {"LEVEL": 3}}}, "variables.prod.LEVEL"),
        ({"prefix": "a b"}, "prefix"),
        ({"reason": ""}, "reason"),
        ({"colour": "x"}, "colour"),
    ],
)
def test_a_wrong_field_is_named(fleet: Fleet, administrator: ApiClient, change: dict[str, Any], field: str) -> None:
    answer = administrator.send("PATCH", PATH, {**BODY, **change})
    assert answer.status_code == 400, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert not UserData.objects.exists()


def test_operators_read_it_and_each_look_is_recorded(
    fleet: Fleet, administrator: ApiClient, operator: ApiClient, viewer: ApiClient
) -> None:
    administrator.send("PATCH", PATH, BODY)
    place = {"environment": "prod", "region": REGION, "cluster": "shop.web-prod"}
    for path, body in ((f"{PATH}read/", {}), (f"{PATH}render/", place)):
        assert viewer.submit(path, body).status_code == 403
    assert not Event.objects.filter(kind="user_data.read").exists()
    read = operator.submit(f"{PATH}read/", {}, Idempotency_Key="k1")
    assert (read.json()["text"], read.json()["variables"]) == (TEXT, BODY["variables"])
    again = operator.submit(f"{PATH}read/", {}, Idempotency_Key="k1")
    assert (again.json()["text"], again.json()["variables"]) == (None, None)  # no secret is kept for a replay
    made = operator.submit(f"{PATH}render/", place).json()
    assert made["text"].endswith("export LEVEL=hush\n")
    assert made["text"].startswith(f"export GROUP={made['identity']['group']}\n")
    assert Event.objects.filter(kind="user_data.read", actor="oscar").count() == 2
    assert operator.submit(f"{PATH}read/", {"version": 9}).status_code == 404
    wrong = operator.submit(f"{PATH}render/", {**place, "cluster": "nope"})
    assert [error["field"] for error in wrong.json()["errors"]] == ["cluster"]
    unknown = operator.submit(f"{PATH}render/", {**place, "image": "ami-0nope"})
    assert [error["field"] for error in unknown.json()["errors"]] == ["image"]


def test_a_deployment_that_left_it_as_it_was_has_nothing_to_read(fleet: Fleet, operator: ApiClient) -> None:
    row = fleet.deployment(fleet.clusters[0])
    assert operator.submit(f"deployments/{row.pk}/user-data/").status_code == 404
    assert operator.submit("deployments/999999/user-data/").status_code == 404
    assert operator.read(f"deployments/{row.pk}/").json()["user_data"] is None
