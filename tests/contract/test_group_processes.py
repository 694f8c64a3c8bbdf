"""Suspended processes hold their own action back, and resuming does what was held back."""

import time

import pytest

from tests.contract.stack import Stack, refused

pytestmark = pytest.mark.documented


def _never(stack: Stack, happens: object) -> None:
    deadline = time.monotonic() + stack.patience / 20
    while time.monotonic() < deadline:
        assert not happens()  # type: ignore[operator]
        time.sleep(0.1)


@pytest.mark.shape
def test_suspended_processes_are_described_until_resumed(stack: Stack) -> None:
    """API reference, SuspendProcesses: without names all; ResumeProcesses likewise."""
    name = stack.group(stack.template(), 0)
    stack.asg.suspend_processes(AutoScalingGroupName=name, ScalingProcesses=["AZRebalance", "AlarmNotification"])
    told = {one["ProcessName"] for one in stack.described(name)["SuspendedProcesses"]}
    assert told == {"AZRebalance", "AlarmNotification"}
    stack.asg.resume_processes(AutoScalingGroupName=name, ScalingProcesses=["AZRebalance"])
    assert {one["ProcessName"] for one in stack.described(name)["SuspendedProcesses"]} == {"AlarmNotification"}
    stack.asg.suspend_processes(AutoScalingGroupName=name)
    assert {"Launch", "Terminate"} <= {one["ProcessName"] for one in stack.described(name)["SuspendedProcesses"]}
    stack.asg.resume_processes(AutoScalingGroupName=name)
    assert stack.described(name)["SuspendedProcesses"] == []
    suspend = stack.asg.suspend_processes
    assert refused(suspend, AutoScalingGroupName=name, ScalingProcesses=["Sleep"]) == "ValidationError"


def test_nothing_is_launched_or_terminated_while_suspended(stack: Stack) -> None:
    """Auto Scaling user guide, "Suspend and resume processes"."""
    name = stack.group(stack.template(), 1)
    stack.in_service(name, 1)
    stack.asg.suspend_processes(AutoScalingGroupName=name, ScalingProcesses=["Launch", "Terminate"])
    stack.asg.set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=2)
    _never(stack, lambda: len(stack.described(name)["Instances"]) != 1)
    stack.asg.set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=0)
    _never(stack, lambda: stack.described(name)["Instances"][0]["LifecycleState"] != "InService")
    stack.asg.resume_processes(AutoScalingGroupName=name)
    stack.in_service(name, 0)


def test_members_launched_without_add_to_load_balancer_are_never_added(stack: Stack) -> None:
    """Auto Scaling user guide: resuming does not add what was launched while it was suspended."""
    arn = stack.target_group()
    stack.listener(arn)
    name = stack.group(stack.template(), 0, TargetGroupARNs=[arn])
    stack.asg.suspend_processes(AutoScalingGroupName=name, ScalingProcesses=["AddToLoadBalancer"])
    stack.asg.set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=1)
    stack.in_service(name, 1)
    stack.asg.resume_processes(AutoScalingGroupName=name)
    _never(stack, lambda: stack.target_states(arn))


def test_an_unhealthy_member_stays_while_replacement_is_suspended(stack: Stack) -> None:
    """Auto Scaling user guide: ReplaceUnhealthy."""
    name = stack.group(stack.template(), 1)
    member = stack.in_service(name, 1)[0]["InstanceId"]
    stack.asg.suspend_processes(AutoScalingGroupName=name, ScalingProcesses=["ReplaceUnhealthy"])
    stack.asg.set_instance_health(InstanceId=member, HealthStatus="Unhealthy")
    assert stack.described(name)["Instances"][0]["HealthStatus"] == "Unhealthy"
    _never(stack, lambda: stack.described(name)["Instances"][0]["LifecycleState"] != "InService")
    stack.asg.resume_processes(AutoScalingGroupName=name)
    stack.eventually(lambda: [one["InstanceId"] for one in stack.in_service(name, 1)] != [member], "replaced")


def test_zones_are_evened_by_a_new_member_before_an_old_one_goes(quick: Stack) -> None:
    """Auto Scaling user guide, "Rebalancing activities": AZRebalance, unless it is suspended."""
    name = quick.group(quick.template(), 2, VPCZoneIdentifier=quick.subnets[0])
    quick.in_service(name, 2)
    processes = {"AutoScalingGroupName": name, "ScalingProcesses": ["AZRebalance"]}
    quick.asg.suspend_processes(**processes)
    quick.asg.update_auto_scaling_group(AutoScalingGroupName=name, VPCZoneIdentifier=",".join(quick.subnets[:2]))
    _never(quick, lambda: len(quick.described(name)["Instances"]) != 2)
    quick.asg.resume_processes(**processes)
    fewest = 2

    def even() -> bool:
        nonlocal fewest
        members = quick.described(name)["Instances"]
        serving = [one["AvailabilityZone"] for one in members if one["LifecycleState"] == "InService"]
        fewest = min(fewest, len(serving))
        return len(members) == 2 and len(set(serving)) == 2

    quick.eventually(even, "one member in each zone")
    assert fewest == 2
