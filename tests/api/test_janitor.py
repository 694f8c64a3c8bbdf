"""The janitor over REST: rules are read and changed, marks listed, what is kept is kept and let go."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from apps.events.models import Event
from apps.images.models import JanitorRules, Keep, Mark
from apps.inventory.models import Instance
from tests.api.conftest import ApiClient
from tests.api.fleet import REGION, Fleet

RULES = "janitor/rules/prod/"


def test_rules_are_the_defaults_until_somebody_changes_some(fleet: Fleet, administrator: ApiClient) -> None:
    body = administrator.read(RULES).json()
    assert (body["active"], body["unused_days"], body["changed_by"]) == (False, 30, "")
    changed = administrator.send("PATCH", RULES, {"active": True, "grace_days": 3, "reason": "the bill"})
    assert changed.status_code == 200, changed.content
    assert (changed.json()["active"], changed.json()["grace_days"], changed.json()["unused_days"]) == (True, 3, 30)
    assert JanitorRules.objects.get().grace_days == 3
    assert Event.objects.get(kind="janitor.rules_changed").reason == "the bill"


@pytest.mark.parametrize(
    ("change", "field", "status"),
    [
        ({"unused_days": 0}, "unused_days", 422),
        ({"newest": "many"}, "newest", 422),
        ({"active": None}, "active", 400),
        ({"older": 3}, "older", 400),
        ({"reason": ""}, "reason", 400),
    ],
)
def test_a_wrong_rule_is_named(
    fleet: Fleet, administrator: ApiClient, change: dict[str, Any], field: str, status: int
) -> None:
    answer = administrator.send("PATCH", RULES, {"reason": "x", **change})
    assert answer.status_code == status, answer.content
    assert [each["field"] for each in answer.json()["errors"]] == [field]
    assert field != "reason" or answer.json()["errors"][0]["detail"].startswith("Say why")
    assert not JanitorRules.objects.exists()


def test_what_is_kept_loses_its_mark_and_may_be_let_go(fleet: Fleet, operator: ApiClient) -> None:
    now = timezone.now()
    here = {"environment": fleet.environment, "region": REGION, "kind": "image", "resource": "ami-0a"}
    Mark.objects.create(**here, because="Nothing uses it.", since=now, due_at=now)
    assert [each["resource"] for each in operator.read("janitor/marks/?live=true").json()["results"]] == ["ami-0a"]
    body = {"environment": "prod", "region": REGION, "kind": "image", "resource": "ami-0a", "reason": "the audit"}
    made = operator.submit("janitor/keeps/", body)
    assert made.status_code == 201, made.content
    assert made.headers["Location"] == made.json()["url"]
    assert made.json()["note"] == ""
    again = operator.submit("janitor/keeps/", {**body, "reason": "another"}).json()
    assert (again["id"], again["reason"]) == (made.json()["id"], "the audit")
    assert again["note"] == "oscar keeps it already: the audit"
    assert operator.read("janitor/marks/?live=true").json()["results"] == []
    assert operator.read("janitor/marks/").json()["results"][0]["says"] == "oscar keeps it."
    assert operator.send("DELETE", f"janitor/keeps/{made.json()['id']}/").status_code == 204
    assert not Keep.objects.exists()
    wrong = operator.submit("janitor/keeps/", {**body, "kind": "house"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "kind")
    wrong = operator.submit("janitor/keeps/", {**body, "resource": "x y"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "resource")
    unknown = operator.submit("janitor/keeps/", {**body, "resource": "ami-0dd"})
    assert (unknown.status_code, "No image ami-0dd is known" in unknown.json()["note"]) == (201, True)


def test_a_dry_run_tells_of_every_resource_whether_it_goes_and_why(fleet: Fleet, viewer: ApiClient) -> None:
    body = viewer.read(f"{RULES}dry-run/").json()
    assert (body["environment"], body["active"], body["held"]) == ("prod", False, "")
    for each in body["things"]:
        assert each["goes"] is not bool(each["stays"])
    assert viewer.read("janitor/rules/nowhere/dry-run/").status_code == 404


def test_an_image_tells_where_it_is_used(fleet: Fleet, viewer: ApiClient) -> None:
    body = viewer.read(f"images/prod/{REGION}/ami-0a/use/").json()
    assert (body["templates"], body["base_of"], body["mark"], body["last_referenced_at"]) == ([], [], None, None)
    assert body["unknown"]
    assert {each["group"] for each in body["groups"]} == {
        each["group"] for each in viewer.read(f"images/prod/{REGION}/ami-0a/").json()["used_by"]
    }
    assert {each["region"] for each in body["groups"]} == {REGION}
    lone = Instance.objects.filter(image_id="ami-0a").earliest("pk")
    Instance.objects.filter(pk=lone.pk).update(group=None)
    body = viewer.read(f"images/prod/{REGION}/ami-0a/use/").json()
    assert [(each["instance_id"], each["group"]) for each in body["instances"]] == [(lone.instance_id, "")]
