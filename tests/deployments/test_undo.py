"""What the undo of a push and of a rollback leaves: as many healthy instances as before, and nothing behind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from apps.cloud.aws import autoscaling, ec2, elbv2
from apps.cloud.errors import InUse
from apps.cloud.values import GroupState, Target, TargetHealth
from apps.deployments import services
from apps.deployments.models import Deployment
from apps.deployments.selectors import rollback_offer
from apps.events.models import Event
from apps.workflows.models import Borrowed, Lock
from tests.deployments.lite import (
    attached,
    carry_on,
    cloud,
    look_until,
    resize,
    service,
    sizes,
    until_step,
    until_waiting,
)
from tests.deployments.test_push import request
from tests.world import Service

__all__ = ["cloud", "service"]

OLD, NEW = "api-prod-v000", "api-prod-v001"


def soaking(service: Service) -> Deployment:
    pushed = services.push(request(service, "1.1.0", options={"soak_seconds": 3600}), actor="ann")
    until_step(pushed, "soak")
    return pushed


def test_the_old_group_takes_over_the_load_that_grew_meanwhile(service: Service) -> None:
    pushed = soaking(service)
    resize(service, NEW, DesiredCapacity=4)
    services.cancel(pushed.pk, actor="bob")
    assert carry_on(pushed).state == "undone", pushed.run.failure
    assert sizes(service, OLD) == (1, 4, 4)
    assert attached(service) == [OLD]
    told = Event.objects.filter(run=pushed.run_id, subject=OLD, kind__in=["group.resized", "group.traffic_given"])
    assert [(event.kind, (event.after or {}).get("desired")) for event in told.order_by("pk")] == [
        ("group.resized", 4),  # before traffic returns to it, not after
        ("group.traffic_given", None),
        ("group.resized", 4),  # its min and max again; desired stays
    ]


def test_the_old_group_may_grow_but_not_shrink_until_the_new_one_has_left(service: Service) -> None:
    pushed = soaking(service)
    assert len(service.groups()[OLD]["SuspendedProcesses"]) == 3
    services.cancel(pushed.pk, actor="bob")
    until_step(pushed, "create-group", "undoing")
    assert service.groups()[OLD]["SuspendedProcesses"] == []
    assert sizes(service, OLD) == (2, 2, 4)
    assert carry_on(pushed).state == "undone"
    assert sizes(service, OLD) == (1, 2, 4)


def test_a_push_that_never_took_traffic_is_undone_though_the_old_group_has_a_sick_instance_as_before(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    sick = service.groups()[OLD]["Instances"][0]["InstanceId"]
    real = elbv2.target_health

    def health(target: Target, arn: str, ids: Any = None) -> tuple[TargetHealth, ...]:
        return tuple(replace(each, state="unhealthy") if each.id == sick else each for each in real(target, arn, ids))

    monkeypatch.setattr(elbv2, "target_health", health)
    pushed = services.push(request(service, "1.1.0"), actor="ann")
    until_waiting(pushed, service)
    services.cancel(pushed.pk, actor="bob")
    assert carry_on(pushed).state == "undone", pushed.run.failure
    assert attached(service) == [OLD]


def test_a_group_that_aws_does_not_show_for_a_while_is_deleted_all_the_same(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed = services.push(request(service, "1.1.0"), actor="ann")
    until_step(pushed, "create-group", "done")
    services.cancel(pushed.pk, actor="bob")
    real, left = autoscaling.describe_groups, [6]

    def late(target: Target, names: Iterable[str] | None = None, **more: Any) -> tuple[GroupState, ...]:
        left[0] -= 1
        return tuple(group for group in real(target, names, **more) if group.name != NEW or left[0] < 0)

    monkeypatch.setattr(autoscaling, "describe_groups", late)
    assert carry_on(pushed).state == "undone"
    assert sorted(service.groups()) == [OLD]


def test_a_template_version_that_aws_does_not_list_yet_is_deleted_by_its_number(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed = services.push(request(service, "1.1.0"), actor="ann")
    until_step(pushed, "create-group", "done")
    services.cancel(pushed.pk, actor="bob")
    with monkeypatch.context() as patched:
        patched.setattr(ec2, "describe_launch_template_versions", lambda *_: ())
        assert carry_on(pushed).state == "undone"
    found = service.place.client("ec2").describe_launch_template_versions(LaunchTemplateId=service.template)
    assert len(found["LaunchTemplateVersions"]) == 1


def test_a_scaling_activity_in_progress_only_delays_the_undo(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    pushed = services.push(request(service, "1.1.0"), actor="ann")
    until_waiting(pushed, service)
    real, refusals = autoscaling.delete_group, iter([InUse("a scaling activity is in progress")])

    def busy(*args: Any, **more: Any) -> None:
        for refusal in refusals:
            raise refusal
        real(*args, **more)

    monkeypatch.setattr(autoscaling, "delete_group", busy)
    services.cancel(pushed.pk, actor="bob")
    assert carry_on(pushed).state == "undone"
    assert sorted(service.groups()) == [OLD]


@pytest.mark.parametrize("during", ["update_group", "attach", "suspend", "detach", "resume"])
def test_the_undo_of_a_rollback_leaves_the_new_group_serving_and_the_old_one_standing_by(
    during: str, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed = services.push(request(service, "1.1.0"), actor="ann")
    assert carry_on(pushed).state == "succeeded"
    back = services.rollback(pushed.pk, actor="bob")
    real = getattr(autoscaling, during)
    cancelled: list[Deployment] = []

    def cancelling(*args: Any, **more: Any) -> None:
        real(*args, **more)
        if not cancelled:
            cancelled.append(services.cancel(back.pk, actor="bob"))

    monkeypatch.setattr(autoscaling, during, cancelling)
    assert carry_on(back).state == "undone", back.run.failure
    assert attached(service) == [NEW]
    assert sizes(service, OLD) == sizes(service, NEW) == (1, 2, 4)
    assert service.groups()[NEW]["SuspendedProcesses"] == []
    assert len(service.groups()[OLD]["SuspendedProcesses"]) == 3
    owed = Borrowed.objects.filter(repaid_at__isnull=True)
    assert sorted((item.kind, item.resource.split("/")[-1]) for item in owed) == [("processes", OLD), ("traffic", OLD)]
    assert not Lock.objects.exists()
    assert rollback_offer(pushed.cluster).possible
    again = services.rollback(pushed.pk, actor="bob")
    assert carry_on(again).state == "succeeded", again.run.failure
    assert attached(service) == [OLD]
    following = services.push(request(service, "1.2.0"), actor="ann")
    assert carry_on(following).state == "succeeded", following.run.failure
    assert attached(service) == [following.to_group]


def test_a_rollback_that_never_becomes_healthy_is_undone_at_the_load_of_the_group_that_serves(
    service: Service,
) -> None:
    pushed = services.push(request(service, "1.1.0"), actor="ann")
    carry_on(pushed)
    resize(service, NEW, MinSize=1, DesiredCapacity=1)  # the load is low, the old group stands by larger
    back = services.rollback(pushed.pk, actor="bob")
    until_step(back, "give-traffic")
    look_until(back, lambda: attached(service) == [OLD, NEW], "to attach the old group")
    services.cancel(back.pk, actor="bob")
    assert carry_on(back).state == "undone", back.run.failure
    assert attached(service) == [NEW]
