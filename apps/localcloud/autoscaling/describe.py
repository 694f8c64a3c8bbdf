"""Describing groups, instances and activities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from apps.localcloud.autoscaling.model import (
    BY_LOAD_BALANCERS,
    BY_TARGET_GROUPS,
    BY_TRAFFIC_SOURCES,
    Group,
    Groups,
    Member,
    groups,
    kind_of,
)
from apps.localcloud.ec2.filters import select
from apps.localcloud.errors import AwsError, validation_error
from apps.localcloud.operations import Call, Result, operation
from apps.localcloud.wire import Params

Item = TypeVar("Item")


def page(items: Sequence[Item], params: Params, default: int = 50) -> tuple[Sequence[Item], str | None]:
    """One page and the token of the next. Raises AwsError for a bad token."""
    token = params.get("NextToken") or "0"
    if not str(token).isdigit():
        raise AwsError("InvalidNextToken", f"The token '{token}' is invalid")
    start = int(token)
    following = start + min(100, int(params.get("MaxRecords") or default))
    return items[start:following], str(following) if following < len(items) else None


def _known(call: Call) -> Groups:
    return groups(call.cloud, call.account, call.region)


def launched_from(member: Member) -> dict[str, Any] | None:
    """The template version that the member was launched from, as a number."""
    if member.machine.template is None:
        return None
    template_id, name, version = member.machine.template
    return {"LaunchTemplateId": template_id, "LaunchTemplateName": name, "Version": str(version)}


def member_view(member: Member) -> dict[str, Any]:
    """An instance of a group, or of its warm pool."""
    shown = {
        "InstanceId": member.id,
        "InstanceType": str(member.machine.moto.instance_type),
        "ImageId": member.machine.image_id,
        "AvailabilityZone": member.machine.zone,
        "LifecycleState": member.lifecycle,
        "HealthStatus": member.health,
        "ProtectedFromScaleIn": member.protected,
        "LaunchTemplate": launched_from(member),
    }
    if member.configuration:
        shown["LaunchConfigurationName"] = member.configuration
    if member.weight > 1:
        shown["WeightedCapacity"] = str(member.weight)
    return {key: value for key, value in shown.items() if value is not None}


def attached(group: Group, how: str) -> list[str]:
    return [one.arn for one in group.attachments.values() if one.how == how and not one.removing]


def tag_view(group: Group, key: str) -> dict[str, Any]:
    value, propagate = group.tags[key]
    return {
        "ResourceId": group.name,
        "ResourceType": "auto-scaling-group",
        "Key": key,
        "Value": value,
        "PropagateAtLaunch": propagate,
    }


def _group_view(group: Group) -> dict[str, Any]:
    shown: dict[str, Any] = {
        **group.other,
        **group.launch,
        "AutoScalingGroupName": group.name,
        "AutoScalingGroupARN": group.arn,
        "MinSize": group.min_size,
        "MaxSize": group.max_size,
        "DesiredCapacity": group.desired,
        "DefaultCooldown": group.default_cooldown,
        "AvailabilityZones": group.zones,
        "VPCZoneIdentifier": ",".join(group.subnets),
        "TargetGroupARNs": attached(group, BY_TARGET_GROUPS),
        "LoadBalancerNames": attached(group, BY_LOAD_BALANCERS),
        "TrafficSources": [{"Identifier": one, "Type": kind_of(one)} for one in attached(group, BY_TRAFFIC_SOURCES)],
        "HealthCheckType": group.health_check_type,
        "HealthCheckGracePeriod": group.health_check_grace,
        "Instances": [member_view(one) for one in group.members.values()],
        "CreatedTime": group.created,
        "SuspendedProcesses": [
            {"ProcessName": name, "SuspensionReason": reason} for name, reason in group.suspended.items()
        ],
        "EnabledMetrics": [{"Metric": name, "Granularity": "1Minute"} for name in sorted(group.metrics)],
        "Tags": [tag_view(group, key) for key in group.tags],
        "TerminationPolicies": group.termination_policies,
        "NewInstancesProtectedFromScaleIn": group.protect_new,
        "Status": group.status,
        "ServiceLinkedRoleARN": group.other.get(
            "ServiceLinkedRoleARN",
            f"arn:aws:iam::{group.account}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling",
        ),
    }
    if group.warm_pool is not None:
        shown["WarmPoolConfiguration"], shown["WarmPoolSize"] = group.warm_pool, len(group.pool)
    return {key: value for key, value in shown.items() if value is not None}


@operation("autoscaling", "DescribeAutoScalingGroups")
def describe_groups(call: Call) -> Result:
    """By names or tag filters; names that are not there are left out."""
    known = _known(call)
    names = set(call.params.get("AutoScalingGroupNames") or [])
    found = select(
        [one for one in known.by_name.values() if not names or one.name in names],
        call.params.get("Filters") or [],
        {},
        lambda group: {key: value for key, (value, _) in group.tags.items()},
    )
    shown, token = page(found, call.params)
    return {"AutoScalingGroups": [_group_view(one) for one in shown], "NextToken": token}


@operation("autoscaling", "DescribeAutoScalingInstances")
def describe_instances(call: Call) -> Result:
    """Members of any group; ids that are none are left out."""
    wanted = set(call.params.get("InstanceIds") or [])
    found = [
        (group, member)
        for group in _known(call).by_name.values()
        for member in group.everybody()
        if not wanted or member.id in wanted
    ]
    shown, token = page(found, call.params)
    instances = [{**member_view(member), "AutoScalingGroupName": group.name} for group, member in shown]
    return {"AutoScalingInstances": instances, "NextToken": token}


@operation("autoscaling", "DescribeScalingActivities")
def describe_activities(call: Call) -> Result:
    """The newest first; of deleted groups too when asked."""
    name = call.params.get("AutoScalingGroupName")
    candidates = [(group, False) for group in _known(call).by_name.values()]
    if call.params.get("IncludeDeletedGroups"):
        candidates += [(group, True) for group in _known(call).deleted]
    chosen = [(group, gone) for group, gone in candidates if not name or group.name == name]
    if name and not chosen:
        raise validation_error(f"AutoScalingGroup name not found - AutoScalingGroup '{name}' not found")
    wanted = set(call.params.get("ActivityIds") or [])
    found = [
        (activity, group, gone)
        for group, gone in chosen
        for activity in group.activities
        if not wanted or activity.id in wanted
    ]
    found.sort(key=lambda one: one[0].started, reverse=True)
    shown, token = page(found, call.params, default=100)
    return {"Activities": [activity.view(group.arn, gone) for activity, group, gone in shown], "NextToken": token}
