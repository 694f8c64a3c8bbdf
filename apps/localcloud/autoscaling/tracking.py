"""Target tracking: the two alarms that a policy keeps for itself, and the capacity that would meet its target."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from apps.localcloud.autoscaling.capacity import scale, start_warm_up, warm_up
from apps.localcloud.autoscaling.model import Group
from apps.localcloud.cloud import Cloud
from apps.localcloud.cloudwatch import alarm_operations
from apps.localcloud.cloudwatch.alarms import Alarm, alarms
from apps.localcloud.cloudwatch.evaluation import ALARM

_HIGH, _LOW = "AlarmHigh", "AlarmLow"
_PERIODS = {_HIGH: 3, _LOW: 15}
_OF_EC2 = {  # predefined metric to CloudWatch's name and how low it must be, as a share of the target, to scale in
    "ASGAverageCPUUtilization": ("CPUUtilization", 0.7),
    "ASGAverageNetworkIn": ("NetworkIn", 0.7),
    "ASGAverageNetworkOut": ("NetworkOut", 0.7),
}
PER_TARGET = "ALBRequestCountPerTarget"
PREDEFINED = (*_OF_EC2, PER_TARGET)
_LOW_SHARE = 0.9

Policy = Mapping[str, Any]


def put_alarms(cloud: Cloud, group: Group, policy: dict[str, Any]) -> None:
    """Makes the policy's alarms, or changes them to what it says now; they keep their names."""
    target = float(policy["TargetTrackingConfiguration"]["TargetValue"])
    metric, share = _metric(group, policy)
    own = group.tracking_alarms.setdefault(policy["PolicyName"], {})
    for which, bound, comparison in (
        (_HIGH, target, "GreaterThanThreshold"),
        (_LOW, target * share, "LessThanThreshold"),
    ):
        settings = {
            "AlarmName": own.setdefault(which, f"TargetTracking-{group.name}-{which}-{uuid4()}"),
            "AlarmDescription": f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {policy['PolicyARN']}.",
            "AlarmActions": [policy["PolicyARN"]],
            "Period": 60,
            **metric,
            "EvaluationPeriods": _PERIODS[which],
            "Threshold": bound,
            "ComparisonOperator": comparison,
        }
        alarm_operations.put(cloud, group.account, group.region, settings)


def _metric(group: Group, policy: Policy) -> tuple[dict[str, Any], float]:
    """What its alarms watch, and the share of the target below which it scales in."""
    configuration = policy["TargetTrackingConfiguration"]
    custom = configuration.get("CustomizedMetricSpecification")
    if custom:
        return {name: value for name, value in custom.items() if value is not None}, _LOW_SHARE
    asked = configuration["PredefinedMetricSpecification"]
    if asked["PredefinedMetricType"] == PER_TARGET:
        balancer, target_group = split_label(asked["ResourceLabel"])
        where = {"LoadBalancer": balancer, "TargetGroup": target_group}
        settings = {"Namespace": "AWS/ApplicationELB", "MetricName": "RequestCountPerTarget", "Statistic": "Sum"}
        return {**settings, "Dimensions": _dimensions(where)}, _LOW_SHARE
    name, share = _OF_EC2[asked["PredefinedMetricType"]]
    settings = {"Namespace": "AWS/EC2", "MetricName": name, "Statistic": "Average"}
    return {**settings, "Dimensions": _dimensions({"AutoScalingGroupName": group.name})}, share


def _dimensions(where: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in where.items()]


def split_label(label: str) -> tuple[str, str]:
    """app/NAME/ID/targetgroup/NAME/ID into the load balancer's and the target group's part; empty when it is none."""
    parts = label.split("/")
    if len(parts) != 6 or (parts[0], parts[3]) != ("app", "targetgroup"):
        return "", ""
    return "/".join(parts[:3]), "/".join(parts[3:])


def own_alarms(cloud: Cloud, group: Group, policy: Policy) -> list[Alarm]:
    """Those that the policy made and nobody deleted."""
    known = alarms(cloud, group.account, group.region).by_name
    return [known[name] for name in group.tracking_alarms.get(policy["PolicyName"], {}).values() if name in known]


def warm_up_seconds(group: Group, policy: Policy) -> float:
    """The policy's own, else the group's default warm-up, else its cooldown."""
    for seconds in (policy.get("EstimatedInstanceWarmup"), group.other.get("DefaultInstanceWarmup")):
        if seconds is not None:
            return float(seconds)
    return float(group.default_cooldown)


def follow(cloud: Cloud, group: Group, policy: Policy, alarm: Alarm, value: float, because: str) -> None:
    """Sizes the group so that the metric, now at `value`, would come to the target."""
    if alarm.name == group.tracking_alarms[policy["PolicyName"]][_HIGH]:
        out = warm_up(group)
        base = out.base if out else _serving(group)
        if scale(cloud, group, max(group.desired, _meeting(policy, base, value)), because):
            start_warm_up(cloud, group, base, warm_up_seconds(group, policy))
    elif not policy["TargetTrackingConfiguration"].get("DisableScaleIn") and warm_up(group) is None:
        wanted = _all_agree(cloud, group, {policy["PolicyName"]: value})
        if wanted is not None:
            scale(cloud, group, min(group.desired, wanted), because)


def _serving(group: Group) -> int:
    return sum(one.lifecycle == "InService" for one in group.members.values()) or group.desired


def _meeting(policy: Policy, base: int, value: float) -> int:
    return math.ceil(base * value / float(policy["TargetTrackingConfiguration"]["TargetValue"]))


def _all_agree(cloud: Cloud, group: Group, values: Mapping[str, float]) -> int | None:
    """The largest capacity that any target tracking policy asks for; None while one of them would not scale in."""
    wanted = []
    known = alarms(cloud, group.account, group.region).by_name
    for name, own in group.tracking_alarms.items():
        policy = group.policies[name]
        if not policy["Enabled"] or policy["TargetTrackingConfiguration"].get("DisableScaleIn"):
            continue
        low = known.get(own[_LOW])
        if low is None or low.state != ALARM:
            return None
        wanted.append(_meeting(policy, _serving(group), values.get(name, low.rule.threshold)))
    return max(wanted) if wanted else None
