"""What scaling policies do when an alarm, or a person, triggers them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from apps.localcloud.autoscaling import tracking
from apps.localcloud.autoscaling.capacity import cools_down, scale, start_cooldown, start_warm_up, warm_up
from apps.localcloud.autoscaling.model import Group, groups
from apps.localcloud.cloud import Cloud
from apps.localcloud.cloudwatch.alarms import Alarm, alarm_action
from apps.localcloud.errors import AwsError, validation_error

SIMPLE, STEP, TRACKING, PREDICTIVE = "SimpleScaling", "StepScaling", "TargetTrackingScaling", "PredictiveScaling"

Policy = Mapping[str, Any]


@alarm_action("autoscaling")
def alarm_triggers(cloud: Cloud, alarm: Alarm, arn: str, values: tuple[float, ...]) -> None:
    """An alarm's action names a policy: it acts, unless it is disabled or alarms are not listened to."""
    owner, _, name = arn.partition("autoScalingGroupName/")[2].partition(":policyName/")
    group = groups(cloud, alarm.account, alarm.region).by_name.get(owner)
    policy = group.policies.get(name) if group else None
    if group is None or policy is None or policy["PolicyARN"] != arn:
        return
    if policy["Enabled"] and group.runs("AlarmNotification") and not group.deleting:
        because = f"a monitor alarm {alarm.name} in state {alarm.state} triggered policy {name}"
        _triggered(cloud, group, policy, alarm, values, because)


def _triggered(
    cloud: Cloud, group: Group, policy: Policy, alarm: Alarm, values: tuple[float, ...], because: str
) -> None:
    threshold = alarm.rule.threshold
    if policy["PolicyType"] == TRACKING:
        if values:
            tracking.follow(cloud, group, policy, alarm, values[0], because)
    elif policy["PolicyType"] == STEP:
        step = find_step(policy, _aggregate(policy, values or (threshold,)) - threshold)
        if step is not None:
            take_step(cloud, group, policy, int(step["ScalingAdjustment"]), because)
    elif policy["PolicyType"] == SIMPLE and not cools_down(group):
        adjust(cloud, group, policy, because)


def _aggregate(policy: Policy, values: Sequence[float]) -> float:
    kind = policy.get("MetricAggregationType")
    if kind == "Minimum":
        return min(values)
    return max(values) if kind == "Maximum" else sum(values) / len(values)


def execute(cloud: Cloud, group: Group, policy: Policy, wanted: Mapping[str, Any]) -> None:
    """ExecutePolicy: `wanted` has HonorCooldown, MetricValue and BreachThreshold. Raises AwsError."""
    because = f"a user request executed policy {policy['PolicyName']}"
    kind = policy["PolicyType"]
    given = [wanted.get(name) for name in ("MetricValue", "BreachThreshold")]
    if kind not in (SIMPLE, STEP):
        raise validation_error(f"Policies of type {kind} cannot be executed")
    if kind == SIMPLE:
        if given != [None, None]:
            raise validation_error("MetricValue and BreachThreshold are not supported for SimpleScaling policies")
        if wanted.get("HonorCooldown") and cools_down(group):
            raise AwsError("ScalingActivityInProgress", f"A cooldown of group {group.name} is not over yet")
        adjust(cloud, group, policy, because)
        return
    value, threshold = given
    if value is None or threshold is None or wanted.get("HonorCooldown"):
        raise validation_error("StepScaling policies need MetricValue and BreachThreshold, and know no cooldown")
    step = find_step(policy, float(value) - float(threshold))
    if step is None:
        raise validation_error(f"No step adjustment found for metric value {value} and breach threshold {threshold}")
    take_step(cloud, group, policy, int(step["ScalingAdjustment"]), because)


def adjust(cloud: Cloud, group: Group, policy: Policy, because: str) -> None:
    """A simple policy: one adjustment, then a cooldown."""
    wanted = adjusted(group.desired, policy, int(policy["ScalingAdjustment"]))
    if scale(cloud, group, wanted, because):
        seconds = policy.get("Cooldown")
        start_cooldown(cloud, group, group.default_cooldown if seconds is None else seconds)


def find_step(policy: Policy, breach: float) -> Mapping[str, Any] | None:
    """The step for a metric that is `breach` above its threshold (below: negative).

    A bound of an interval above the threshold belongs to the interval that it begins; below, to the one it ends.
    """
    for step in policy["StepAdjustments"]:
        low = step.get("MetricIntervalLowerBound", -math.inf)
        high = step.get("MetricIntervalUpperBound", math.inf)
        if (low <= breach < high) if breach >= 0 else (low < breach <= high):
            return step
    # at the threshold itself a policy whose steps all lie below takes its first
    return next((one for one in policy["StepAdjustments"] if breach == one.get("MetricIntervalUpperBound")), None)


def take_step(cloud: Cloud, group: Group, policy: Policy, amount: int, because: str) -> None:
    """A step policy: what is still warming up, or on its way out, is not asked for twice."""
    out = warm_up(group)
    leaving = sum(one.leaves for one in group.members.values())
    if adjusted(group.desired, policy, amount) >= group.desired:
        base = out.base if out else group.desired
        if scale(cloud, group, max(group.desired, adjusted(base, policy, amount)), because):
            start_warm_up(cloud, group, base, tracking.warm_up_seconds(group, policy))
    elif out is None:
        scale(cloud, group, min(group.desired, adjusted(group.desired + leaving, policy, amount)), because)


def adjusted(base: int, policy: Policy, amount: int) -> int:
    """`base` after an adjustment of the policy's type."""
    kind = policy["AdjustmentType"]
    if kind == "ExactCapacity":
        return amount
    if kind == "ChangeInCapacity":
        return base + amount
    share = base * amount / 100
    change = math.trunc(share) if abs(share) >= 1 else int(math.copysign(math.ceil(abs(share)), share))
    least = int(policy.get("MinAdjustmentMagnitude") or policy.get("MinAdjustmentStep") or 0)
    if abs(change) < least:
        change = int(math.copysign(least, amount))
    return base + change
