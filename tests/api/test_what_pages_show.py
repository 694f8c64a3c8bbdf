"""What the pages show of a thing, REST tells too: in fields of that thing, with links."""

from __future__ import annotations

import pytest

from apps.cloud.aws import elbv2
from apps.cloud.errors import CloudError, Denied, Unavailable
from apps.events.services import record
from apps.inventory.models import Environment, Group, Image, Instance
from apps.inventory.services import template_versions
from apps.workflows.models import Borrowed, Run
from apps.workflows.states import Phase
from tests.api.conftest import ApiClient
from tests.api.fleet import REGION, TARGETS, Fleet
from tests.api.test_inventory import PLACE, read, results


def test_suspended_processes_are_named_with_who_and_why(fleet: Fleet, viewer: ApiClient) -> None:
    says = "User suspended at 2026-11-27T09:00:00Z"
    Group.objects.filter(name="shop.web-prod-v012").update(suspended={"AZRebalance": "by us", "Launch": says})
    for process, actor in (("Launch", "maria"), ("AZRebalance", "jo"), ("AZRebalance", "")):
        record(
            "group.processes_suspended" if actor else "group.processes_resumed",
            actor=actor or "kim",
            subject="shop.web-prod-v012",
            summary="It was so.",
            reason="night",
            run=7,
            before=None if actor else {"suspended": [process]},
            after={"suspended": [process]} if actor else None,
            environment="prod",
            region=REGION,
            cluster="shop.web-prod",
        )
    body = read(viewer, f"groups/{PLACE}/shop.web-prod-v012/")
    assert sorted(body["suspended"]) == ["AZRebalance", "Launch"]
    rebalance, launch = body["suspensions"]
    assert rebalance == {"process": "AZRebalance", "says": "by us", "actor": "", "reason": "", "run": None, "at": None}
    assert (launch["says"], launch["actor"], launch["reason"], launch["run"]) == (says, "maria", "night", 7)


def test_a_group_tells_what_sends_it_traffic_its_settings_and_what_is_borrowed(fleet: Fleet, viewer: ApiClient) -> None:
    running = fleet.deployment(state="waiting")
    group = "shop.web-prod-v013"
    Group.objects.filter(name=group).update(details={"DefaultCooldown": 300})
    Borrowed.objects.create(
        run=running.run, kind="size", resource=f"prod/{REGION}/{group}", original={}, says="min raised 4 → 12"
    )
    body = read(viewer, f"groups/{PLACE}/{group}/")
    (source,) = body["traffic_sources"]
    assert (source["name"], source["type"]) == ("shop-tg", "elbv2")
    assert viewer.get(source["url"]).json()["arn"] == TARGETS
    assert body["settings"] == {"DefaultCooldown": 300}
    assert [(each["owner"], each["run"]) for each in body["borrowed"]] == [(running.run.name, running.run_id)]


def test_an_instance_tells_its_tags_what_it_was_launched_with_and_where_it_belongs(
    fleet: Fleet, viewer: ApiClient
) -> None:
    row = Instance.objects.filter(group__name="shop.web-prod-v013").earliest("pk")
    Instance.objects.filter(pk=row.pk).update(protected=True, tags={"owner": "shop"}, details={"KeyName": "ops"})
    body = read(viewer, f"instances/{PLACE}/{row.instance_id}/")
    assert (body["protected"], body["tags"], body["launched_with"]) == (True, {"owner": "shop"}, {"KeyName": "ops"})
    assert viewer.get(body["group_url"]).json()["name"] == body["group"] == "shop.web-prod-v013"
    assert viewer.get(body["cluster_url"]).json()["name"] == body["cluster"] == "shop.web-prod"
    Instance.objects.filter(pk=row.pk).update(gone_at="2026-01-01T00:00:00Z")
    assert read(viewer, f"instances/{PLACE}/{row.instance_id}/")["gone_at"] == "2026-01-01T00:00:00Z"
    assert row.instance_id not in {each["instance_id"] for each in results(viewer, "instances/")}


def test_an_image_tells_who_uses_it_and_which_environments_may_launch_it(fleet: Fleet, viewer: ApiClient) -> None:
    test = Environment.objects.create(name="test", account_id="210987654321", regions=[REGION])
    given = Image.objects.get(image_id="ami-0b")
    seen = {"region": REGION, "read_at": given.read_at, "digest": "x", "created_at": given.created_at}
    Image.objects.create(environment=test, image_id="ami-0b", state="available", source="shared", **seen)
    Image.objects.create(environment=test, image_id="ami-0a", state="available", source="run", **seen)
    listed = {(row["environment"], row["image_id"]): row for row in results(viewer, "images/")}
    assert listed["prod", "ami-0b"]["launchable_in"] == listed["test", "ami-0b"]["launchable_in"] == ["prod", "test"]
    assert listed["test", "ami-0a"]["launchable_in"] == ["prod"]
    assert (listed["test", "ami-0a"]["source"], listed["test", "ami-0a"]["launchable"]) == ("run", False)
    (use,) = read(viewer, f"images/{PLACE}/ami-0b/")["used_by"]
    assert (use["group"], use["does"], use["instance_count"]) == ("shop.web-prod-v013", "serves", 2)
    assert viewer.get(use["group_url"]).json()["image_id"] == "ami-0b"
    assert viewer.get(use["cluster_url"]).status_code == 200
    assert listed["prod", "ami-0a"]["used_by"][0]["does"] == "stands by"


def test_a_deployment_tells_whether_it_can_be_rolled_back(fleet: Fleet, viewer: ApiClient) -> None:
    push = fleet.deployment()
    offer = read(viewer, f"deployments/{push.pk}/")["rollback"]
    assert offer == {"possible": True, "group": push.from_group, "version": "4.1.9", "why_not": ""}
    later = fleet.deployment(state="undoing")
    Run.objects.filter(pk=later.run_id).update(phase=Phase.UNDO, called=f"push {later.pk}")
    offer = read(viewer, f"deployments/{later.pk}/")["rollback"]
    assert (offer["possible"], offer["why_not"]) == (False, f"Push {later.pk} is being undone already.")


@pytest.mark.parametrize(("error", "status"), [(Unavailable, 503), (Denied, 502)])
def test_what_aws_does_not_tell_is_a_problem_that_says_so(
    fleet: Fleet, viewer: ApiClient, monkeypatch: pytest.MonkeyPatch, error: type[CloudError], status: int
) -> None:
    def silent(*args: object) -> None:
        raise error("It is down.", operation="Describe")

    monkeypatch.setattr(elbv2, "target_health", silent)
    monkeypatch.setattr(template_versions, "describe_launch_template_versions", silent)
    for path in (f"target-groups/{PLACE}/shop-tg/targets/", f"launch-templates/{PLACE}/lt-1/versions/"):
        answer = viewer.read(path)
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
        assert "(Describe): It is down." in answer.json()["detail"]
