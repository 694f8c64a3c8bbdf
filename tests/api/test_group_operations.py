"""What can be done to one group, over REST: with what is set now, as its form says it, and why not, where it cannot."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.cloud.aws import autoscaling
from apps.cloud.aws.observe import observe
from apps.cloud.values import CallRecord
from apps.deployments import operations, services
from apps.deployments.models import Freeze
from apps.inventory.models import Group
from apps.workflows.models import Lock
from tests.api.conftest import ApiClient
from tests.api.fleet import REGION, Fleet
from tests.api.test_same_by_every_way import GROUP, policy, scheduled
from tests.deployments.conftest import aws
from tests.deployments.lite import cloud, service
from tests.world import Service

__all__ = ["aws", "cloud", "service"]

UNREAD = "?fields=slug,possible,why_not"


def told(client: ApiClient, path: str) -> dict[str, Any]:
    answer = client.read(path)
    assert answer.status_code == 200, answer.content
    return {each["slug"]: each for each in answer.json()}


def of_fleet(client: ApiClient, group: str = "shop.web-prod-v013") -> tuple[bool, str]:
    """Whether something can be done, and why not: the same of every operation."""
    found = told(client, f"groups/prod/{REGION}/{group}/operations/{UNREAD}")
    assert list(found) == sorted(operations.all())
    ((possible, why),) = {(each["possible"], each["why_not"]) for each in found.values()}
    return possible, why


def test_each_operation_tells_its_options_and_what_is_set_now(service: Service, viewer: ApiClient) -> None:
    scheduled(service), policy(service)
    path = f"groups/prod/{service.place.region}/{GROUP}/operations/"
    calls: list[CallRecord] = []
    with observe(calls.append):
        found = told(viewer, path)
    assert sorted(each.operation for each in calls) == [
        "DescribeAutoScalingGroups",
        "DescribePolicies",
        "DescribeScheduledActions",
    ]
    assert list(found) == sorted(operations.all())
    assert found["resize"]["options"] == operations.all()["resize"].schema
    assert (found["resize"]["of"], found["resize"]["often"], found["resize"]["possible"]) == ("group", True, True)
    assert found["resize"]["current"]["desired"] == "2"
    assert found["processes"]["current"]["AZRebalance"] == "runs"
    assert (found["schedule"]["of"], found["schedule"]["current"]) == ("schedule", {"schedule": "night"})
    assert found["delete-policy"]["current"] == {"policy": "out"}
    assert found["terminate-instance"]["current"] == {}
    row = Group.objects.get(name=GROUP)
    for slug, operation in operations.all().items():
        assert found[slug]["current"] == services.current_options(row, operation), slug
    named = told(viewer, f"{path}?schedule=night&policy=out&fields=slug,current")
    assert set(named["schedule"]) == {"slug", "current"}
    assert named["schedule"]["current"]["recurrence"] == "0 3 1 1 *"
    assert named["switch-policy"]["current"]["enabled"] == "yes"


def test_aws_is_not_asked_where_what_is_set_is_not_asked_for(
    fleet: Fleet, viewer: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(autoscaling, "describe_group")
    assert of_fleet(viewer) == (True, "")


def test_a_busy_or_frozen_cluster_says_why_not_now(fleet: Fleet, viewer: ApiClient) -> None:
    running = fleet.deployment(state="waiting")
    Lock.objects.create(resource=f"cluster:prod/{REGION}/shop.web-prod", run=running.run, owner="oscar")
    possible, why = of_fleet(viewer)
    assert not possible
    assert "shop.web-prod is being changed by oscar" in why
    Lock.objects.all().delete()
    now = timezone.now()
    Freeze.objects.create(
        environment="prod", starts_at=now, ends_at=now + timedelta(hours=1), actor="maria", reason="a sale"
    )
    possible, why = of_fleet(viewer)
    assert not possible
    assert "by maria: a sale." in why


def test_a_group_outside_of_the_grammar_is_left_alone(fleet: Fleet, viewer: ApiClient) -> None:
    fleet.group(None, "odd", "ami-0a", 1, serving=False)
    found = told(viewer, f"groups/prod/{REGION}/odd/operations/")  # nobody answers for AWS here
    assert {each["possible"] for each in found.values()} == {False}
    assert found["resize"]["why_not"].startswith("odd does not follow the naming pattern")
    assert found["resize"]["current"] == {}


@pytest.mark.parametrize(
    ("group", "query", "status"),
    [
        ("nope-v000", "", 404),
        ("shop.web-prod-v013", "?instance=i-1", 400),
        ("shop.web-prod-v013", "?fields=colour", 400),
        ("shop.web-prod-v013", "?policy=", 400),
        ("shop.web-prod-v013", f"?policy={'x' * 256}", 400),
    ],
)
def test_what_is_wrong_is_named(fleet: Fleet, viewer: ApiClient, group: str, query: str, status: int) -> None:
    assert viewer.read(f"groups/prod/{REGION}/{group}/operations/{query}").status_code == status
