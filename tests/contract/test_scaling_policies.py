"""Scaling policies change the desired capacity when alarms or people trigger them."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.contract.stack import Stack, refused

pytestmark = pytest.mark.documented

ONE_MORE = {"AdjustmentType": "ChangeInCapacity", "ScalingAdjustment": 1}


def _put(stack: Stack, group: str, **policy: Any) -> dict[str, Any]:
    """What PutScalingPolicy answers; the policy is called `load` unless told otherwise."""
    wanted = {"AutoScalingGroupName": group, "PolicyName": "load", **policy}
    return dict(stack.asg.put_scaling_policy(**wanted))


def _steps(*steps: tuple[float | None, float | None, int], **others: Any) -> dict[str, Any]:
    bounds = ("MetricIntervalLowerBound", "MetricIntervalUpperBound")
    told = [
        {
            **{name: value for name, value in zip(bounds, step[:2], strict=True) if value is not None},
            "ScalingAdjustment": step[2],
        }
        for step in steps
    ]
    return {"PolicyType": "StepScaling", "AdjustmentType": "ChangeInCapacity", "StepAdjustments": told, **others}


def _tracking(metric: str, target: float = 50.0, **others: Any) -> dict[str, Any]:
    custom = {"Namespace": "Contract", "MetricName": metric, "Statistic": "Average"}
    configuration = {"CustomizedMetricSpecification": custom, "TargetValue": target, **others}
    return {"PolicyType": "TargetTrackingScaling", "TargetTrackingConfiguration": configuration}


def _alarm(stack: Stack, metric: str, *actions: str, **settings: Any) -> str:
    """The name of an alarm that is ALARM above 50."""
    wanted = {
        "AlarmName": metric,
        "Namespace": "Contract",
        "MetricName": metric,
        "Statistic": "Average",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 50.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "AlarmActions": list(actions),
    }
    stack.client("cloudwatch").put_metric_alarm(**{**wanted, **settings})
    return metric


def _feed(stack: Stack, metric: str, value: float) -> None:
    datum = {"MetricName": metric, "Value": value}
    stack.client("cloudwatch").put_metric_data(Namespace="Contract", MetricData=[datum])


def _desired(stack: Stack, name: str) -> int:
    return int(stack.described(name)["DesiredCapacity"])


def _fed_until(stack: Stack, name: str, metric: str, value: float, desired: int) -> None:
    """Feeds the metric until the group wants `desired`."""

    def look() -> bool:
        _feed(stack, metric, value)
        return _desired(stack, name) == desired

    stack.eventually(look, f"a desired capacity of {desired}")


def test_an_alarm_triggers_the_policy_that_its_action_names(quick: Stack) -> None:
    """User guide, "Step and simple scaling policies"; the activity says which alarm triggered which policy."""
    name, metric = quick.group(quick.template(), 0), quick.name("load")
    arn = _put(quick, name, **ONE_MORE, Cooldown=3600)["PolicyARN"]
    alarm = _alarm(quick, metric, arn)
    shown = quick.asg.describe_policies(AutoScalingGroupName=name)["ScalingPolicies"][0]
    assert [one["AlarmName"] for one in shown["Alarms"]] == [alarm]
    assert (shown["PolicyType"], shown["Enabled"]) == ("SimpleScaling", True)
    _fed_until(quick, name, metric, 90.0, 1)
    quick.in_service(name, 1)
    cause = quick.activities(name)[0]["Cause"]
    assert f"a monitor alarm {alarm} in state ALARM triggered policy load changing the desired capacity" in cause


def test_a_simple_policy_waits_for_its_cooldown_and_a_repeated_alarm_triggers_it_again(quick: Stack) -> None:
    """User guide, "Scaling cooldowns": while the alarm lasts, the next adjustment comes after the cooldown."""
    name, metric = quick.group(quick.template(), 0, MaxSize=2), quick.name("load")
    _alarm(quick, metric, _put(quick, name, **ONE_MORE, Cooldown=240)["PolicyARN"])
    _fed_until(quick, name, metric, 90.0, 1)
    began = time.monotonic()
    _fed_until(quick, name, metric, 90.0, 2)
    assert time.monotonic() - began > quick.patience / 40


@pytest.mark.shape
def test_people_execute_policies_too(quick: Stack) -> None:
    """API reference, ExecutePolicy: HonorCooldown for simple policies, the breach for step policies."""
    name = quick.group(quick.template(), 0)
    execute = {"AutoScalingGroupName": name, "PolicyName": "load"}
    _put(quick, name, **ONE_MORE, Cooldown=3600)
    quick.asg.execute_policy(**execute)
    assert refused(quick.asg.execute_policy, **execute, HonorCooldown=True) == "ScalingActivityInProgress"
    quick.asg.execute_policy(**execute)
    assert _desired(quick, name) == 2
    _put(quick, name, **_steps((0, 20, 1), (20, None, 3)))
    assert refused(quick.asg.execute_policy, **execute) == "ValidationError"
    quick.asg.execute_policy(**execute, MetricValue=75, BreachThreshold=50)
    assert _desired(quick, name) == 5


def test_adjustments_are_counted_by_their_type(quick: Stack) -> None:
    """User guide, "Scaling adjustment types": percentages are rounded, bounds and the least magnitude are kept."""
    name = quick.group(quick.template(), 3)
    for kind, adjustment, least, after in (
        ("ChangeInCapacity", -2, {}, 1),
        ("ExactCapacity", 5, {}, 5),
        ("PercentChangeInCapacity", 50, {}, 4),
        ("PercentChangeInCapacity", 10, {}, 4),
        ("PercentChangeInCapacity", -10, {}, 2),
        ("PercentChangeInCapacity", 10, {"MinAdjustmentMagnitude": 2}, 5),
        ("ChangeInCapacity", 100, {}, 6),
    ):
        quick.asg.set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=3)
        _put(quick, name, AdjustmentType=kind, ScalingAdjustment=adjustment, **least)
        quick.asg.execute_policy(AutoScalingGroupName=name, PolicyName="load")
        assert _desired(quick, name) == after, (kind, adjustment)


def test_a_step_policy_steps_by_the_size_of_the_breach_and_counts_what_warms_up(quick: Stack) -> None:
    """User guide, "Step scaling": a further breach adds only what the warming instances do not make up for."""
    name, metric = quick.group(quick.template(), 1), quick.name("load")
    steps = _steps((0, 20, 1), (20, None, 3), EstimatedInstanceWarmup=3600)
    _alarm(quick, metric, _put(quick, name, **steps)["PolicyARN"])
    quick.in_service(name, 1)
    _fed_until(quick, name, metric, 60.0, 2)
    _fed_until(quick, name, metric, 90.0, 4)


def test_target_tracking_makes_its_own_alarms_and_meets_its_target(quick: Stack) -> None:
    """User guide, "Target tracking scaling policies": both alarms are named after the group; capacity follows load."""
    name, metric = quick.group(quick.template(), 2), quick.name("load")
    quick.in_service(name, 2)
    answer = _put(quick, name, **_tracking(metric), EstimatedInstanceWarmup=0)
    names = sorted(one["AlarmName"] for one in answer["Alarms"])
    assert [one.rsplit("-", 5)[0] for one in names] == [
        f"TargetTracking-{name}-AlarmHigh",
        f"TargetTracking-{name}-AlarmLow",
    ]
    shown = quick.asg.describe_policies(AutoScalingGroupName=name)["ScalingPolicies"][0]
    assert sorted(one["AlarmName"] for one in shown["Alarms"]) == names
    alarms = quick.client("cloudwatch").describe_alarms(AlarmNames=names)["MetricAlarms"]
    assert [one["Threshold"] for one in alarms] == [50.0, 45.0]
    assert [one["EvaluationPeriods"] for one in alarms] == [3, 15]
    assert all(one["AlarmActions"] == [answer["PolicyARN"]] for one in alarms)
    _fed_until(quick, name, metric, 100.0, 4)
    quick.in_service(name, 4)
    _fed_until(quick, name, metric, 25.0, 2)


def test_scale_in_can_be_disabled(quick: Stack) -> None:
    """API reference, TargetTrackingConfiguration: DisableScaleIn."""
    name, metric = quick.group(quick.template(), 2), quick.name("load")
    quick.in_service(name, 2)
    low = [
        one["AlarmName"]
        for one in _put(quick, name, **_tracking(metric, DisableScaleIn=True))["Alarms"]
        if "AlarmLow" in one["AlarmName"]
    ]

    def low_is_in_alarm() -> bool:
        _feed(quick, metric, 1.0)
        told = quick.client("cloudwatch").describe_alarms(AlarmNames=low, StateValue="ALARM")
        return bool(told["MetricAlarms"]) or not low

    quick.eventually(low_is_in_alarm, "the low alarm")
    assert _desired(quick, name) == 2


def test_disabled_policies_and_suspended_alarms_change_nothing(quick: Stack) -> None:
    """API reference, PutScalingPolicy: Enabled; user guide, "Suspend and resume processes": AlarmNotification."""
    name, metric = quick.group(quick.template(), 0), quick.name("load")
    arn = _put(quick, name, **ONE_MORE, Enabled=False, Cooldown=3600)["PolicyARN"]
    alarm = _alarm(quick, metric, arn)

    def trigger() -> None:
        for state in ("OK", "ALARM"):
            quick.client("cloudwatch").set_alarm_state(AlarmName=alarm, StateValue=state, StateReason="to see")

    trigger()
    quick.asg.suspend_processes(AutoScalingGroupName=name, ScalingProcesses=["AlarmNotification"])
    assert _put(quick, name, **ONE_MORE, Cooldown=3600)["PolicyARN"] == arn
    trigger()
    assert _desired(quick, name) == 0
    quick.asg.resume_processes(AutoScalingGroupName=name, ScalingProcesses=["AlarmNotification"])
    trigger()
    assert _desired(quick, name) == 1


def test_two_groups_may_have_policies_of_one_name(quick: Stack) -> None:
    """API reference, PutScalingPolicy: a policy belongs to its group."""
    first, second = quick.group(quick.template(), 0), quick.group(quick.template(), 0)
    arns = {_put(quick, name, **ONE_MORE)["PolicyARN"] for name in (first, second)}
    assert len(arns) == 2
    quick.asg.execute_policy(AutoScalingGroupName=second, PolicyName="load")
    assert (_desired(quick, first), _desired(quick, second)) == (0, 1)


@pytest.mark.shape
def test_deleting_a_policy_or_its_group_takes_its_own_alarms_with_it(quick: Stack) -> None:
    """API reference, DeletePolicy and DeleteAutoScalingGroup: other alarms lose the action, and then their life."""
    name, metric = quick.group(quick.template(), 0), quick.name("load")
    describe = quick.client("cloudwatch").describe_alarms
    tracking = [one["AlarmName"] for one in _put(quick, name, **_tracking(metric))["Alarms"]]
    quick.asg.delete_policy(AutoScalingGroupName=name, PolicyName="load")
    assert describe(AlarmNames=tracking)["MetricAlarms"] == []
    alarm = _alarm(quick, metric, _put(quick, name, **ONE_MORE)["PolicyARN"])
    quick.asg.delete_policy(AutoScalingGroupName=name, PolicyName="load")
    assert describe(AlarmNames=[alarm])["MetricAlarms"][0]["AlarmActions"] == []
    _alarm(quick, metric, _put(quick, name, **ONE_MORE)["PolicyARN"])
    tracking = [one["AlarmName"] for one in _put(quick, name, PolicyName="other", **_tracking(metric))["Alarms"]]
    quick.asg.delete_auto_scaling_group(AutoScalingGroupName=name)
    quick.eventually(lambda: not quick.described(name), "the group's end")
    assert describe(AlarmNames=[alarm, *tracking])["MetricAlarms"] == []


@pytest.mark.shape
def test_a_policy_that_cannot_be_is_refused(quick: Stack) -> None:
    """API reference, PutScalingPolicy."""
    name = quick.group(quick.template(), 0)
    for wrong in (
        {"AdjustmentType": "ChangeInCapacity"},
        {"ScalingAdjustment": 1, "AdjustmentType": "Doubling"},
        {**ONE_MORE, "StepAdjustments": [{"ScalingAdjustment": 1}]},
        {**ONE_MORE, "MinAdjustmentMagnitude": 1},
        {"PolicyType": "StepScaling", "AdjustmentType": "ChangeInCapacity"},
        _steps((0, 10, 1), (20, None, 2)),
        {**_tracking("load"), "AdjustmentType": "ChangeInCapacity"},
        _tracking("load", PredefinedMetricSpecification={"PredefinedMetricType": "ASGAverageCPUUtilization"}),
    ):
        wanted = {"AutoScalingGroupName": name, "PolicyName": "load", **wrong}
        assert refused(quick.asg.put_scaling_policy, **wanted) == "ValidationError", wrong


def test_requests_per_target_are_tracked_for_an_attached_target_group_only(quick: Stack) -> None:
    """API reference, PredefinedMetricSpecification: ResourceLabel names load balancer and target group."""
    arn, balancer = quick.target_group(), quick.balancer()
    quick.listener(arn, balancer=balancer)
    name = quick.group(quick.template(), 0)
    parts = [balancer["LoadBalancerArn"].split(":loadbalancer/")[1], arn.rsplit(":", 1)[1]]

    def policy(label: str | None) -> dict[str, Any]:
        named = {} if label is None else {"ResourceLabel": label}
        metric = {"PredefinedMetricType": "ALBRequestCountPerTarget", **named}
        configuration = {"PredefinedMetricSpecification": metric, "TargetValue": 100.0}
        return {"PolicyType": "TargetTrackingScaling", "TargetTrackingConfiguration": configuration}

    put = {"AutoScalingGroupName": name, "PolicyName": "load"}
    for label in (None, "somewhere", "/".join(parts)):
        assert refused(quick.asg.put_scaling_policy, **put, **policy(label)) == "ValidationError"
    quick.asg.attach_load_balancer_target_groups(AutoScalingGroupName=name, TargetGroupARNs=[arn])
    told = _put(quick, name, **policy("/".join(parts)))
    alarm = quick.client("cloudwatch").describe_alarms(AlarmNames=[told["Alarms"][0]["AlarmName"]])["MetricAlarms"][0]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/ApplicationELB", "RequestCountPerTarget")
    where = {one["Name"]: one["Value"] for one in alarm["Dimensions"]}
    assert where == {"LoadBalancer": parts[0], "TargetGroup": parts[1]}
