"""Classic load balancers: a push, a rollback and a cancellation move groups between them as between target groups."""

from __future__ import annotations

from typing import Any

import pytest

from apps.deployments import services
from apps.deployments.models import Deployment
from apps.inventory.models import Cluster, Environment
from apps.inventory.selectors.clusters import cluster_view
from apps.inventory.services import refresh_cluster
from apps.workflows.models import Borrowed, Lock
from tests.deployments import lite
from tests.deployments.classic import NAME, attached, behind_classic
from tests.deployments.lite import carry_on, cloud, until_step
from tests.deployments.test_push import request
from tests.world import Service, wait_for

__all__ = ["cloud", "service"]

OLD, NEW, THIRD = "api-prod-v000", "api-prod-v001", "api-prod-v002"


@pytest.fixture
def service(request: pytest.FixtureRequest) -> Service:
    built: Service = request.getfixturevalue("built")
    return behind_classic(built)


built = lite.service


def push(service: Service, image: str = "1.1.0", **options: Any) -> Deployment:
    return services.push(request(service, image, options=options), actor="ann")


def done(deployment: Deployment) -> Deployment:
    assert carry_on(deployment).state == "succeeded", deployment.run.failure
    return deployment


def owed() -> list[tuple[str, str]]:
    return sorted((item.kind, item.resource.split("/")[-1]) for item in Borrowed.objects.filter(repaid_at=None))


def test_pushes_and_a_rollback_move_the_group_that_is_attached(service: Service) -> None:
    pushed = done(push(service))
    assert {step.params.get("driver") for step in pushed.run.steps.filter(kind="take-traffic")} == {"classic-elb"}
    assert attached(service) == [NEW]
    assert owed() == [("processes", OLD), ("traffic", OLD)]
    done(services.rollback(pushed.pk, actor="bob"))
    assert attached(service) == [OLD]
    done(push(service, "1.2.0"))
    wait_for(lambda: sorted(service.groups()) == [OLD, THIRD], "the group kept before to be gone")
    assert attached(service) == [THIRD]
    assert service.groups()[THIRD]["LoadBalancerNames"] == [NAME]


def test_a_sick_version_never_takes_traffic_and_is_told_by_the_load_balancers_name(service: Service) -> None:
    pushed = push(service, "never_healthy", healthy_within_seconds=10)
    until_step(pushed, "wait-healthy")
    lite.look_until(pushed, lambda: f"in {NAME}" in pushed.run.says, "to tell where it is sick")
    services.cancel(pushed.pk, actor="bob")
    assert carry_on(pushed).state == "undone", pushed.run.failure
    assert attached(service) == [OLD]
    assert sorted(service.groups()) == [OLD]


@pytest.mark.parametrize("at", ["create-group", "take-traffic", "soak"])
def test_a_push_cancelled_anywhere_leaves_the_old_group_attached_alone(at: str, service: Service) -> None:
    pushed = push(service, soak_seconds=3600)
    until_step(pushed, at, "running", "done")
    services.cancel(pushed.pk, actor="bob")
    assert carry_on(pushed).state == "undone", pushed.run.failure
    assert attached(service) == [OLD]
    assert sorted(service.groups()) == [OLD]
    assert owed() == []
    assert not Lock.objects.exists()


def test_the_inventory_tells_who_serves_behind_a_classic_load_balancer(service: Service) -> None:
    refresh_cluster(Environment.objects.get(), service.place.region, service.cluster)
    view = cluster_view(Cluster.objects.select_related("environment").get())
    assert [each.group.name for each in view.serving] == [OLD]
    assert view.serving[0].traffic.fraction == 1.0


def test_requests_in_flight_without_connection_draining_are_warned_about(service: Service) -> None:
    off = {"ConnectionDraining": {"Enabled": False}}
    service.place.client("elb").modify_load_balancer_attributes(LoadBalancerName=NAME, LoadBalancerAttributes=off)
    preview = services.preview_push(request(service, "1.1.0"))
    assert "no-draining" in {finding.code for finding in preview.findings}


def test_a_load_balancer_that_may_have_no_more_instances_refuses_it(service: Service) -> None:
    service.place.client("service-quotas").request_service_quota_increase(
        ServiceCode="elasticloadbalancing", QuotaCode="L-CE3125E5", DesiredValue=3
    )
    (refusal,) = services.preview_push(request(service, "1.1.0")).refusals
    assert refusal.code == "classic-quota"
    assert f"2 instances are registered with {NAME}" in refusal.text
