"""Putting, describing, executing and deleting scaling policies, each within its group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from apps.localcloud.autoscaling import policies, tracking
from apps.localcloud.autoscaling.describe import page
from apps.localcloud.autoscaling.model import Group, Groups, groups
from apps.localcloud.autoscaling.policy_checks import check
from apps.localcloud.cloud import Cloud
from apps.localcloud.cloudwatch import alarm_operations
from apps.localcloud.cloudwatch.alarms import ACTION_MEMBERS, Alarm, alarms
from apps.localcloud.errors import validation_error
from apps.localcloud.operations import Call, Result, operation


def _known(call: Call) -> Groups:
    return groups(call.cloud, call.account, call.region)


@operation("autoscaling", "PutScalingPolicy")
def put_scaling_policy(call: Call) -> Result:
    """Makes a policy, or replaces the one of that name: what is not given is as if it had never been."""
    group = _known(call).changeable(call.params["AutoScalingGroupName"])
    policy = {name: value for name, value in call.params.items() if value is not None}
    policy.setdefault("PolicyType", policies.SIMPLE)
    check(group, policy)
    name, before = policy["PolicyName"], group.policies.get(policy["PolicyName"])
    policy["PolicyARN"] = before["PolicyARN"] if before else _arn(group, name)
    policy["Enabled"] = bool(policy.get("Enabled", True))
    if before is not None and before["PolicyType"] != policy["PolicyType"]:
        _drop_alarms(call.cloud, group, before)
    group.policies[name] = policy
    if policy["PolicyType"] == policies.TRACKING:
        tracking.put_alarms(call.cloud, group, policy)
    own = tracking.own_alarms(call.cloud, group, policy)
    return {"PolicyARN": policy["PolicyARN"], "Alarms": _names(own)}


def _arn(group: Group, name: str) -> str:
    place = f"{group.region}:{group.account}"
    return f"arn:aws:autoscaling:{place}:scalingPolicy:{uuid4()}:autoScalingGroupName/{group.name}:policyName/{name}"


def _names(found: Iterable[Alarm]) -> list[dict[str, str]]:
    return [{"AlarmName": one.name, "AlarmARN": one.arn} for one in found]


@operation("autoscaling", "DescribePolicies")
def describe_policies(call: Call) -> Result:
    """By group, names (or ARNs) and types; with the alarms whose actions name them."""
    owner, names = call.params.get("AutoScalingGroupName"), call.params.get("PolicyNames") or []
    types = call.params.get("PolicyTypes") or []
    found = [
        policy
        for group in _known(call).by_name.values()
        if owner in (None, group.name)
        for policy in group.policies.values()
        if (not names or policy["PolicyName"] in names or policy["PolicyARN"] in names)
        and (not types or policy["PolicyType"] in types)
    ]
    shown, token = page(found, call.params)
    triggers = _triggers(call)
    described = [{**one, "Alarms": _names(triggers[one["PolicyARN"]])} for one in shown]
    return {"ScalingPolicies": described, "NextToken": token}


def _triggers(call: Call) -> dict[str, list[Alarm]]:
    """Alarms by the ARN of the policies in their actions."""
    found: dict[str, list[Alarm]] = defaultdict(list)
    for alarm in alarms(call.cloud, call.account, call.region).by_name.values():
        for arn in dict.fromkeys(alarm_operations.all_actions(alarm)):
            found[arn].append(alarm)
    return found


def _find(call: Call) -> tuple[Group, dict[str, Any]]:
    """By name within the group, or by ARN. Raises AwsError."""
    wanted, owner = call.params["PolicyName"], call.params.get("AutoScalingGroupName")
    for group in [_known(call).changeable(owner)] if owner else _known(call).by_name.values():
        for name, policy in group.policies.items():
            if wanted == policy["PolicyARN"] or (owner and wanted == name):
                return group, policy
    raise validation_error(f"Policy not found - {wanted}" if owner else f"PolicyARN not found - {wanted}")


@operation("autoscaling", "ExecutePolicy")
def execute_policy(call: Call) -> Result:
    """Acts at once, whether it is enabled or not; simple policies respect the cooldown only if told to."""
    group, policy = _find(call)
    policies.execute(call.cloud, group, policy, call.params)
    return None


@operation("autoscaling", "DeletePolicy")
def delete_policy(call: Call) -> Result:
    """A target tracking policy's alarms go with it; of others only the action goes."""
    group, policy = _find(call)
    _drop_alarms(call.cloud, group, policy)
    del group.policies[policy["PolicyName"]]
    return None


def _drop_alarms(cloud: Cloud, group: Group, policy: dict[str, Any]) -> list[Alarm]:
    """Deletes the policy's own alarms and takes it out of the others' actions. Returns those others."""
    for alarm in tracking.own_alarms(cloud, group, policy):
        alarm_operations.delete(cloud, alarm)
    group.tracking_alarms.pop(policy["PolicyName"], None)
    touched = []
    for alarm in alarms(cloud, group.account, group.region).by_name.values():
        if policy["PolicyARN"] in alarm_operations.all_actions(alarm):
            for member in ACTION_MEMBERS.values():
                alarm.settings[member] = [arn for arn in alarm.settings[member] if arn != policy["PolicyARN"]]
            touched.append(alarm)
    return touched


def forget_policies(cloud: Cloud, group: Group) -> None:
    """The group ends: with it its policies, their actions, and alarms that have no action left."""
    for policy in group.policies.values():
        for alarm in _drop_alarms(cloud, group, policy):
            if not alarm_operations.all_actions(alarm):
                alarm_operations.delete(cloud, alarm)
    group.policies.clear()


@operation("autoscaling", "DescribeAdjustmentTypes")
def describe_adjustment_types(call: Call) -> Result:
    """All that policies can say."""
    kinds = ("ChangeInCapacity", "ExactCapacity", "PercentChangeInCapacity")
    return {"AdjustmentTypes": [{"AdjustmentType": kind} for kind in kinds]}
