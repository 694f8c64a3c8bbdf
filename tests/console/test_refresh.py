"""Reading a cluster from AWS again, by whoever looks at it: its page, a group's page, REST."""

from __future__ import annotations

import pytest
from django.test import Client

from apps.accounts import services as accounts
from apps.accounts.models import Role, User
from apps.cloud.errors import Throttled
from apps.console.views import refresh
from apps.inventory.models import Group
from tests.deployments.conftest import aws
from tests.deployments.lite import cloud, service
from tests.world import Service

__all__ = ["aws", "cloud", "service"]

pytestmark = pytest.mark.django_db(transaction=True)

GROUP, CLUSTER = "api-prod-v000", "api-prod"


@pytest.fixture
def resized(service: Service) -> Service:
    """Somebody changed the group on AWS, and no row tells of it yet."""
    service.place.client("autoscaling").update_auto_scaling_group(AutoScalingGroupName=GROUP, MaxSize=9)
    assert Group.objects.get().max_size != 9
    return service


def text_of(response: object) -> str:
    return " ".join(response.content.decode().split())  # type: ignore[attr-defined]


@pytest.mark.parametrize("page", [f"clusters/prod/{{}}/{CLUSTER}/", f"groups/prod/{{}}/{GROUP}/"])
def test_a_viewer_reads_it_again_and_sees_it_as_it_is(page: str, resized: Service, viewer: Client) -> None:
    path = "/" + page.format(resized.place.region)
    assert f'action="{path}refresh/"' in text_of(viewer.get(path))
    answer = viewer.post(f"{path}refresh/", follow=True)
    assert answer.redirect_chain == [(path, 302)]
    assert f"{CLUSTER} was read from AWS just now." in text_of(answer)
    assert Group.objects.get().max_size == 9


def test_what_aws_does_not_tell_is_said_and_nothing_is_lost(
    resized: Service, viewer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def throttled(*_: object) -> None:
        raise Throttled("DescribeAutoScalingGroups: Rate exceeded", operation="DescribeAutoScalingGroups")

    monkeypatch.setattr(refresh, "refresh_cluster", throttled)
    answer = viewer.post(f"/clusters/prod/{resized.place.region}/{CLUSTER}/refresh/", follow=True)
    assert "AWS did not let us look" in text_of(answer)
    assert Group.objects.get().max_size != 9


def test_over_rest_the_answer_is_the_cluster_as_it_is_then(resized: Service) -> None:
    viewer = User.objects.create(username="vera", role=Role.VIEWER)
    token = accounts.create_token(viewer, "rest", actor="tests")[1]
    answer = Client().post(
        f"/api/v1/clusters/prod/{resized.place.region}/{CLUSTER}/refresh/",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 200
    (group,) = answer.json()["groups"]
    assert (group["name"], group["max_size"]) == (GROUP, 9)
