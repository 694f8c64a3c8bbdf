"""Target groups of a group: the path that a deployment takes."""

import pytest

from tests.contract.stack import Stack, refused

pytestmark = pytest.mark.documented


def _attachments(stack: Stack, name: str) -> dict[str, str]:
    told = stack.asg.describe_load_balancer_target_groups(AutoScalingGroupName=name)["LoadBalancerTargetGroups"]
    return {one["LoadBalancerTargetGroupARN"]: one["State"] for one in told}


def _sources(stack: Stack, name: str) -> dict[str, str]:
    told = stack.asg.describe_traffic_sources(AutoScalingGroupName=name)["TrafficSources"]
    return {one["Identifier"]: one["State"] for one in told}


def test_a_group_created_empty_and_then_sized_serves_once_healthy(stack: Stack) -> None:
    """Auto Scaling user guide, "Attach a load balancer"; size 0 at first, as a deployment does it."""
    arn = stack.target_group()
    stack.listener(arn)
    name = stack.group(stack.template(), 0, TargetGroupARNs=[arn], HealthCheckType="ELB")
    assert stack.target_states(arn) == {}
    stack.asg.update_auto_scaling_group(AutoScalingGroupName=name, MinSize=2, MaxSize=2, DesiredCapacity=2)
    members = stack.in_service(name, 2)
    stack.healthy(arn, 2)
    assert set(stack.target_states(arn)) == {one["InstanceId"] for one in members}
    assert _attachments(stack, name) == {arn: "InService"}
    assert stack.described(name)["TargetGroupARNs"] == [arn]


def test_detaching_drains_every_member_and_leaves_them_running(stack: Stack) -> None:
    """API reference, DetachLoadBalancerTargetGroups: Removing while draining; then not described any more."""
    arn = stack.target_group(delay=1)
    stack.listener(arn)
    name = stack.group(stack.template(), 2, TargetGroupARNs=[arn])
    stack.healthy(arn, 2)
    stack.asg.detach_load_balancer_target_groups(AutoScalingGroupName=name, TargetGroupARNs=[arn])
    assert set(stack.target_states(arn).values()) == {"draining"}
    assert _attachments(stack, name) == {arn: "Removing"}
    stack.eventually(lambda: not stack.target_states(arn), "drained")
    stack.eventually(lambda: not _attachments(stack, name), "removed")
    assert len(stack.in_service(name, 2)) == 2


def test_attaching_again_registers_every_member_again(stack: Stack) -> None:
    """API reference, AttachLoadBalancerTargetGroups: additive, registers the group's instances."""
    arn = stack.target_group(delay=1)
    stack.listener(arn)
    name = stack.group(stack.template(), 1, TargetGroupARNs=[arn])
    stack.healthy(arn, 1)
    for _ in range(2):  # while it drains, and after
        stack.asg.detach_load_balancer_target_groups(AutoScalingGroupName=name, TargetGroupARNs=[arn])
        stack.asg.attach_load_balancer_target_groups(AutoScalingGroupName=name, TargetGroupARNs=[arn])
        stack.healthy(arn, 1)
    stack.asg.detach_load_balancer_target_groups(AutoScalingGroupName=name, TargetGroupARNs=[arn])
    stack.eventually(lambda: not _attachments(stack, name), "removed")
    stack.asg.attach_load_balancer_target_groups(AutoScalingGroupName=name, TargetGroupARNs=[arn])
    stack.healthy(arn, 1)


@pytest.mark.shape
def test_what_was_attached_by_one_call_is_detached_by_its_own_counterpart(stack: Stack) -> None:
    """API reference, DetachLoadBalancerTargetGroups: not for target groups attached by AttachTrafficSources.

    That DetachTrafficSources refuses the others likewise is our guess; a deployment uses the matching call anyway.
    """
    first, second = stack.target_group(), stack.target_group()
    sources = [{"Identifier": second, "Type": "elbv2"}]
    name = stack.group(stack.template(), 0, TargetGroupARNs=[first], TrafficSources=sources)
    assert stack.described(name)["TrafficSources"] == sources
    assert stack.described(name)["TargetGroupARNs"] == [first]
    code = refused(stack.asg.detach_load_balancer_target_groups, AutoScalingGroupName=name, TargetGroupARNs=[second])
    assert code == "ValidationError"
    stack.asg.detach_traffic_sources(AutoScalingGroupName=name, TrafficSources=sources)
    stack.eventually(lambda: not _sources(stack, name), "removed")
    stack.asg.attach_traffic_sources(AutoScalingGroupName=name, TrafficSources=sources)
    assert set(_sources(stack, name)) == {second}
    stack.asg.detach_load_balancer_target_groups(AutoScalingGroupName=name, TargetGroupARNs=[first])
    stack.eventually(lambda: not _attachments(stack, name), "removed")


def test_target_groups_that_are_not_there_or_not_attached_are_refused(stack: Stack) -> None:
    """Auto Scaling answers ValidationError to both."""
    name, arn = stack.group(stack.template(), 0), stack.target_group()
    unknown = arn[:-4] + "beef"
    attach, detach = stack.asg.attach_load_balancer_target_groups, stack.asg.detach_load_balancer_target_groups
    assert refused(attach, AutoScalingGroupName=name, TargetGroupARNs=[unknown]) == "ValidationError"
    assert refused(detach, AutoScalingGroupName=name, TargetGroupARNs=[arn]) == "ValidationError"


def test_scale_in_drains_before_it_terminates(stack: Stack) -> None:
    """Auto Scaling user guide: waits for connection draining; the activity says so."""
    arn = stack.target_group(delay=2)
    stack.listener(arn)
    name = stack.group(stack.template(), 1, TargetGroupARNs=[arn])
    stack.healthy(arn, 1)
    member = stack.in_service(name, 1)[0]["InstanceId"]
    stack.asg.set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=0)
    stack.eventually(lambda: stack.target_states(arn).get(member) == "draining", "draining")
    activity = stack.activities(name)[0]
    assert activity["StatusCode"] in ("InProgress", "WaitingForELBConnectionDraining")
    found = stack.ec2.describe_instances(InstanceIds=[member])["Reservations"][0]["Instances"][0]
    assert found["State"]["Name"] == "running"
    stack.in_service(name, 0)
    assert stack.activities(name)[0]["StatusCode"] == "Successful"


def test_deleting_by_force_does_not_wait_for_draining(stack: Stack) -> None:
    """API reference, ForceDelete: without waiting for all instances to be terminated."""
    arn = stack.target_group(delay=300)
    stack.listener(arn)
    name = stack.group(stack.template(), 1, TargetGroupARNs=[arn])
    stack.healthy(arn, 1)
    stack.asg.delete_auto_scaling_group(AutoScalingGroupName=name, ForceDelete=True)
    stack.eventually(lambda: not stack.described(name), "the group's end")
