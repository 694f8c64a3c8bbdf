"""In-place rolling replacement: new before old, never fewer healthy than wanted, and back the same way."""

from __future__ import annotations

from typing import Any

import pytest

from apps.deployments import services
from apps.deployments.models import Deployment
from apps.deployments.selectors import rollback_offer
from apps.events.models import Event
from apps.workflows.models import Borrowed, Lock
from tests.deployments.lite import carry_on, cloud, look_until, service, sizes
from tests.deployments.test_push import request
from tests.deployments.test_reconcile import repaired
from tests.world import Service

__all__ = ["cloud", "service"]

GROUP = "api-prod-v000"


def push(service: Service, image: str = "1.1.0", **options: Any) -> Deployment:
    return services.push(request(service, image, strategy="rolling-replace", options=options), actor="ann")


def images(service: Service) -> list[str]:
    """The image of each instance of the group that is not going."""
    members = service.groups()[GROUP]["Instances"]
    ids = [one["InstanceId"] for one in members if not one["LifecycleState"].startswith("Terminat")]
    found = service.place.client("ec2").describe_instances(InstanceIds=ids)["Reservations"]
    named = {ami: version for version, ami in service.images.items()}
    return sorted(named[one["ImageId"]] for each in found for one in each["Instances"])


def settled() -> bool:
    return not Borrowed.objects.filter(repaid_at__isnull=True).exists() and not Lock.objects.exists()


def test_every_instance_is_replaced_and_the_group_has_its_own_size_again(service: Service) -> None:
    pushed = push(service, surge_percent=100)
    assert carry_on(pushed).state == "succeeded", pushed.run.failure
    assert images(service) == ["1.1.0", "1.1.0"]
    assert sizes(service, GROUP) == (1, 2, 4)
    assert service.groups()[GROUP]["LaunchTemplate"]["Version"] == "2"
    assert list(service.groups()) == [GROUP]
    assert settled()


def test_a_group_at_its_max_is_given_room_and_loses_it_again(service: Service) -> None:
    service.place.client("autoscaling").update_auto_scaling_group(AutoScalingGroupName=GROUP, MaxSize=2)
    pushed = push(service)
    assert carry_on(pushed).state == "succeeded", pushed.run.failure
    assert sizes(service, GROUP) == (1, 2, 2)
    assert images(service) == ["1.1.0", "1.1.0"]
    assert settled()


def test_cancelled_half_way_the_former_version_returns(service: Service) -> None:
    pushed = push(service)
    look_until(pushed, lambda: "1.1.0" in images(service) and images(service).count("1.0.0") == 1, "to be half way")
    services.cancel(pushed.pk, actor="bob")
    assert carry_on(pushed).state == "undone", pushed.run.failure
    assert images(service) == ["1.0.0", "1.0.0"]
    assert sizes(service, GROUP) == (1, 2, 4)
    assert service.groups()[GROUP]["LaunchTemplate"]["Version"] == "1"
    assert settled()


def test_a_size_that_somebody_sets_meanwhile_stays(service: Service) -> None:
    pushed = push(service)
    look_until(pushed, lambda: sizes(service, GROUP)[1] == 3, "to have one more")
    client = service.place.client("autoscaling")
    client.update_auto_scaling_group(AutoScalingGroupName=GROUP, MinSize=4, DesiredCapacity=4)
    assert carry_on(pushed).state == "succeeded", pushed.run.failure
    assert images(service) == ["1.1.0"] * 4
    assert sizes(service, GROUP) == (4, 4, 4)
    assert settled()


def test_with_a_target_group_that_no_listener_uses_it_is_refused_unless_overridden(service: Service) -> None:
    elbv2 = service.place.client("elbv2")
    known = elbv2.describe_target_groups()["TargetGroups"][0]
    unused = elbv2.create_target_group(Name="unused", Protocol="HTTP", Port=80, VpcId=known["VpcId"])
    arn = unused["TargetGroups"][0]["TargetGroupArn"]
    service.place.client("autoscaling").attach_load_balancer_target_groups(
        AutoScalingGroupName=GROUP, TargetGroupARNs=[arn]
    )
    preview = services.preview_push(request(service, "1.1.0", strategy="rolling-replace"))
    found = {finding.code: finding.overridable for finding in preview.refusals}
    assert found["too-few-healthy"]
    asked = request(service, "1.1.0", strategy="rolling-replace", overrides=tuple(found), reason="a trial")
    pushed = services.push(asked, actor="ann")
    look_until(pushed, lambda: images(service) == ["1.0.0", "1.0.0", "1.1.0"], "to have a new one")
    look_until(pushed, lambda: "0 of 3 healthy" in pushed.run.says, "to wait for it")
    assert images(service) == ["1.0.0", "1.0.0", "1.1.0"]


def test_a_replacement_is_rolled_back_in_place(service: Service) -> None:
    pushed = push(service, surge_percent=100)
    assert carry_on(pushed).state == "succeeded"
    offer = rollback_offer(pushed.cluster)
    assert (offer.possible, offer.group, offer.version) == (True, GROUP, "1.0.0")
    back = services.rollback(pushed.pk, actor="bob")
    assert carry_on(back).state == "succeeded", back.run.failure
    assert images(service) == ["1.0.0", "1.0.0"]
    assert sizes(service, GROUP) == (1, 2, 4)
    assert service.groups()[GROUP]["LaunchTemplate"]["Version"] == "1"
    assert settled()


def test_a_version_that_was_deleted_is_not_gone_back_to(service: Service) -> None:
    pushed = push(service, surge_percent=100)
    assert carry_on(pushed).state == "succeeded"
    ec2 = service.place.client("ec2")
    ec2.modify_launch_template(LaunchTemplateId=service.template, DefaultVersion="2")
    ec2.delete_launch_template_versions(LaunchTemplateId=service.template, Versions=["1"])
    preview = services.preview_rollback(pushed.pk)
    assert [finding.code for finding in preview.refusals] == ["cannot-launch"]


def test_a_red_black_push_after_it_starts_from_what_serves_then(service: Service) -> None:
    assert carry_on(push(service, surge_percent=100)).state == "succeeded"
    following = services.push(request(service, "1.2.0"), actor="ann")
    assert carry_on(following).state == "succeeded", following.run.failure
    assert (following.from_group, following.from_version, following.to_version) == (GROUP, "1.1.0", "1.2.0")


@pytest.mark.parametrize(("ours", "left"), [("2", "1"), ("3", "2")])
def test_a_template_that_an_ended_push_left_is_given_back_unless_somebody_else_named_another(
    service: Service, ours: str, left: str
) -> None:
    pushed = push(service, surge_percent=100)
    assert carry_on(pushed).state == "succeeded"
    Borrowed.objects.create(
        run=pushed.run,
        kind="template",
        resource=f"prod/us-east-1/{GROUP}",
        original={"LaunchTemplateId": service.template, "Version": "1"},
        changed_to=[{"LaunchTemplateId": service.template, "Version": ours}],
    )
    assert repaired().state == "succeeded"
    assert service.groups()[GROUP]["LaunchTemplate"]["Version"] == left
    assert Event.objects.filter(kind="group.left_alone", subject=GROUP).exists() == (left == "2")
