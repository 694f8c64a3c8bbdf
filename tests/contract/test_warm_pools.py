"""Warm pools: machines that have booted once wait for the group to grow."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.stack import Stack, refused

pytestmark = pytest.mark.documented


def _pool(stack: Stack, name: str, state: str, count: int) -> list[str]:
    """Waits until the pool holds exactly `count` instances, all in `state`; their ids."""

    def look() -> list[str] | None:
        found: list[dict[str, Any]] = stack.asg.describe_warm_pool(AutoScalingGroupName=name)["Instances"]
        if [one["LifecycleState"] for one in found] != [state] * count:
            return None
        return [one["InstanceId"] for one in found] or [""]

    return [one for one in stack.eventually(look, f"{count} {state}") or [] if one]


def _state(stack: Stack, instance_id: str) -> str:
    found = stack.ec2.describe_instances(InstanceIds=[instance_id])["Reservations"][0]["Instances"][0]
    return str(found["State"]["Name"])


def test_a_pool_holds_what_the_group_could_still_grow_by_and_is_drawn_from(quick: Stack) -> None:
    """User guide, "Warm pools": maximum less desired capacity, stopped; scale-out starts them."""
    name = quick.group(quick.template(), 1, MaxSize=3)
    quick.asg.put_warm_pool(AutoScalingGroupName=name)
    warm = _pool(quick, name, "Warmed:Stopped", 2)
    assert {_state(quick, one) for one in warm} == {"stopped"}
    first = quick.in_service(name, 1)[0]["InstanceId"]
    shown = quick.described(name)
    assert (shown["WarmPoolSize"], shown["WarmPoolConfiguration"]["PoolState"]) == (2, "Stopped")
    quick.asg.set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=2)
    grown = {one["InstanceId"] for one in quick.in_service(name, 2)}
    assert grown - {first} <= set(warm)
    assert "from warm pool" in quick.activities(name)[0]["Description"]
    _pool(quick, name, "Warmed:Stopped", 1)


def test_a_pool_may_run_and_have_its_own_sizes(quick: Stack) -> None:
    """API reference, PutWarmPool: PoolState, MinSize, MaxGroupPreparedCapacity."""
    name = quick.group(quick.template(), 1)
    quick.asg.put_warm_pool(AutoScalingGroupName=name, PoolState="Running", MinSize=1, MaxGroupPreparedCapacity=3)
    assert {_state(quick, one) for one in _pool(quick, name, "Warmed:Running", 2)} == {"running"}
    quick.asg.put_warm_pool(AutoScalingGroupName=name, MaxGroupPreparedCapacity=1)
    _pool(quick, name, "Warmed:Running", 1)


def test_launch_hooks_hold_machines_on_their_way_into_the_pool(quick: Stack) -> None:
    """User guide, "Use lifecycle hooks with a warm pool": Warmed:Pending:Wait, and Pending:Wait on the way out."""
    hook = {"LifecycleHookName": "check", "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING"}
    name = quick.group(quick.template(), 0, MaxSize=1, LifecycleHookSpecificationList=[hook])
    quick.asg.put_warm_pool(AutoScalingGroupName=name)
    member = _pool(quick, name, "Warmed:Pending:Wait", 1)[0]
    done = {"AutoScalingGroupName": name, "LifecycleHookName": "check", "LifecycleActionResult": "CONTINUE"}
    quick.asg.complete_lifecycle_action(**done, InstanceId=member)
    _pool(quick, name, "Warmed:Stopped", 1)
    quick.asg.set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=1)
    quick.eventually(
        lambda: [one["LifecycleState"] for one in quick.described(name)["Instances"]] == ["Pending:Wait"], "the wait"
    )
    quick.asg.complete_lifecycle_action(**done, InstanceId=member)
    assert [one["InstanceId"] for one in quick.in_service(name, 1)] == [member]


@pytest.mark.shape
def test_a_pool_is_deleted_by_itself_or_with_its_group_by_force(quick: Stack) -> None:
    """API reference, DeleteWarmPool, and DeleteAutoScalingGroup: ForceDelete also deletes the warm pool."""
    name = quick.group(quick.template(), 0, MaxSize=1)
    quick.asg.put_warm_pool(AutoScalingGroupName=name)
    _pool(quick, name, "Warmed:Stopped", 1)
    assert refused(quick.asg.delete_auto_scaling_group, AutoScalingGroupName=name) == "ResourceInUse"
    quick.asg.delete_warm_pool(AutoScalingGroupName=name)
    quick.eventually(lambda: "WarmPoolConfiguration" not in quick.described(name), "the pool's end")
    assert refused(quick.asg.delete_warm_pool, AutoScalingGroupName=name) == "ValidationError"
    quick.asg.put_warm_pool(AutoScalingGroupName=name)
    member = _pool(quick, name, "Warmed:Stopped", 1)[0]
    quick.asg.delete_auto_scaling_group(AutoScalingGroupName=name, ForceDelete=True)
    quick.eventually(lambda: not quick.described(name), "the group's end")
    assert _state(quick, member) == "terminated"
