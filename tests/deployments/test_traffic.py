"""Taking traffic and giving it back, where AWS shows old news or somebody else has moved things."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from apps.cloud.aws import autoscaling
from apps.cloud.values import GroupState, Target
from apps.deployments import guard, services
from apps.events.models import Event
from apps.workflows.models import Borrowed
from tests.deployments.lite import attached, carry_on, cloud, delete, look_until, resize, service, sizes, until_waiting
from tests.deployments.test_push import request
from tests.world import Service, wait_for

__all__ = ["cloud", "service"]

OLD, NEW = "api-prod-v000", "api-prod-v001"


def test_a_detach_repeated_since_aws_showed_old_news_does_no_harm(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed = services.push(request(service, "1.1.0"), actor="ann")
    until_waiting(pushed, service)
    real = autoscaling.describe_groups
    before = real(pushed.cluster.environment.target(pushed.cluster.region), [OLD])[0]
    detached: list[str] = []
    real_detach = autoscaling.detach

    def detach(*args: Any) -> None:
        detached.append(args[1])
        real_detach(*args)

    def stale(target: Target, names: Iterable[str] | None = None, **more: Any) -> tuple[GroupState, ...]:
        late = len(detached) == 1
        return tuple(before if late and group.name == OLD else group for group in real(target, names, **more))

    monkeypatch.setattr(autoscaling, "describe_groups", stale)
    monkeypatch.setattr(autoscaling, "detach", detach)
    assert carry_on(pushed).state == "succeeded", pushed.run.failure
    assert len(detached) > 1


def test_the_new_group_is_brought_to_a_load_that_grew_since_it_was_healthy(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed = services.push(request(service, "1.1.0"), actor="ann")
    with monkeypatch.context() as patched:
        patched.setattr(guard, "hold_back", lambda *args: "Not yet.")
        look_until(pushed, lambda: pushed.run.says == "Not yet.", "to be held back")
        resize(service, OLD, DesiredCapacity=4)
    assert carry_on(pushed).state == "succeeded", pushed.run.failure
    assert sizes(service, NEW) == (1, 4, 4)
    told = Event.objects.filter(run=pushed.run_id, subject=NEW, kind="group.resized").order_by("pk")
    assert [event.after["desired"] for event in told if event.after] == [3, 4, 4]


def test_the_new_group_is_made_for_a_load_that_grew_while_it_started(service: Service) -> None:
    pushed = services.push(request(service, "1.1.0"), actor="ann")
    until_waiting(pushed, service)
    resize(service, OLD, DesiredCapacity=4)
    assert carry_on(pushed).state == "succeeded", pushed.run.failure
    told = Event.objects.filter(run=pushed.run_id, subject=NEW).order_by("pk")
    assert [event.kind for event in told] == ["group.created", "group.resized", "group.resized", "group.resized"]


def test_what_is_recorded_of_a_group_is_where_it_takes_its_traffic_from_now(service: Service) -> None:
    carry_on(services.push(request(service, "1.1.0"), actor="ann"))
    other = _second_target_group(service)
    scaling = service.place.client("autoscaling")
    scaling.attach_load_balancer_target_groups(AutoScalingGroupName=OLD, TargetGroupARNs=[other])
    scaling.resume_processes(AutoScalingGroupName=OLD)
    delete(service, NEW)
    wait_for(lambda: _healthy(service, other) == 2, f"{OLD} to serve")
    pushed = services.push(request(service, "1.2.0"), actor="ann")
    assert carry_on(pushed).state == "succeeded", pushed.run.failure
    (item,) = Borrowed.objects.filter(repaid_at__isnull=True, kind="traffic")
    assert item.resource.endswith(OLD)
    assert [source["identifier"] for source in item.original] == [other]
    back = services.rollback(pushed.pk, actor="ann")
    assert carry_on(back).state == "succeeded", back.run.failure
    assert attached(service) == [OLD]


def _healthy(service: Service, target_group: str) -> int:
    answer = service.place.client("elbv2").describe_target_health(TargetGroupArn=target_group)
    return [each["TargetHealth"]["State"] for each in answer["TargetHealthDescriptions"]].count("healthy")


def _second_target_group(service: Service) -> str:
    """Another target group, to which a second listener of the service's load balancer forwards."""
    elbv2 = service.place.client("elbv2")
    network = elbv2.describe_target_groups()["TargetGroups"][0]["VpcId"]
    made = elbv2.create_target_group(
        Name="api-prod-second", Protocol="HTTP", Port=8080, VpcId=network, HealthCheckPath="/health"
    )
    arn = str(made["TargetGroups"][0]["TargetGroupArn"])
    elbv2.modify_target_group_attributes(
        TargetGroupArn=arn, Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "0"}]
    )
    elbv2.create_listener(
        LoadBalancerArn=elbv2.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"],
        Protocol="HTTP",
        Port=8081,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": arn}],
    )
    return arn
