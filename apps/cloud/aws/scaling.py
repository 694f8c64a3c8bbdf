"""Auto Scaling: what a group has beyond its describe, and giving the same to another group.

Everything here is put by name: none of the changing calls has a client token, and repeating one is harmless. A put took
effect if the describe of its kind shows it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from apps.cloud.aws.session import call, pages
from apps.cloud.values import Described, GroupExtras, Target

SERVICE = "autoscaling"
PAGE = 100


def describe_extras(target: Target, group: str) -> GroupExtras:
    """What the group has beyond its describe; four calls. Raises NotFound for an unknown group.

    Its warm pool, its metrics and its suspended processes are in the describe.
    """
    return GroupExtras(
        lifecycle_hooks=describe_hooks(target, group),
        scaling_policies=describe_policies(target, group),
        scheduled_actions=describe_schedules(target, group),
        notifications=describe_notifications(target, group),
    )


def describe_hooks(target: Target, group: str) -> tuple[Described, ...]:
    """The group's lifecycle hooks."""
    return tuple(call(target, SERVICE, "DescribeLifecycleHooks", AutoScalingGroupName=group)["LifecycleHooks"])


def describe_policies(target: Target, group: str) -> tuple[Described, ...]:
    """The group's scaling policies, each with the alarms that trigger it."""
    return _described(target, "DescribePolicies", "ScalingPolicies", AutoScalingGroupName=group)


def describe_schedules(target: Target, group: str) -> tuple[Described, ...]:
    """The group's scheduled actions that are still to come."""
    return _described(target, "DescribeScheduledActions", "ScheduledUpdateGroupActions", AutoScalingGroupName=group)


def describe_notifications(target: Target, group: str) -> tuple[Described, ...]:
    """The group's notifications: one for each topic and type of event."""
    operation, members = "DescribeNotificationConfigurations", "NotificationConfigurations"
    return _described(target, operation, members, AutoScalingGroupNames=[group])


def put_policy(target: Target, group: str, policy: Mapping[str, Any]) -> str:
    """PutScalingPolicy, with the parameters given; answers the policy's ARN, the same when it is repeated."""
    return str(call(target, SERVICE, "PutScalingPolicy", AutoScalingGroupName=group, **policy)["PolicyARN"])


def put_schedule(target: Target, group: str, action: Mapping[str, Any]) -> None:
    """PutScheduledUpdateGroupAction, with the parameters given. Raises Invalid for a start in the past."""
    call(target, SERVICE, "PutScheduledUpdateGroupAction", AutoScalingGroupName=group, **action)


def delete_policy(target: Target, group: str, name: str) -> None:
    """DeletePolicy, with the alarms that AWS made for it. Raises Invalid or NotFound where there is none."""
    call(target, SERVICE, "DeletePolicy", AutoScalingGroupName=group, PolicyName=name)


def delete_schedule(target: Target, group: str, name: str) -> None:
    """DeleteScheduledAction. Raises Invalid or NotFound where there is none."""
    call(target, SERVICE, "DeleteScheduledAction", AutoScalingGroupName=group, ScheduledActionName=name)


def put_notification(target: Target, group: str, topic: str, types: Sequence[str]) -> None:
    """PutNotificationConfiguration: these types of events to this topic (ARN), instead of those it had."""
    call(
        target,
        SERVICE,
        "PutNotificationConfiguration",
        AutoScalingGroupName=group,
        TopicARN=topic,
        NotificationTypes=list(types),
    )


def put_warm_pool(target: Target, group: str, pool: Mapping[str, Any]) -> None:
    """PutWarmPool, with the parameters given. Took effect if describe_groups shows it."""
    call(target, SERVICE, "PutWarmPool", AutoScalingGroupName=group, **pool)


def enable_metrics(target: Target, group: str, metrics: Sequence[str], granularity: str) -> None:
    """EnableMetricsCollection of these group metrics. Took effect if describe_groups shows them."""
    call(
        target,
        SERVICE,
        "EnableMetricsCollection",
        AutoScalingGroupName=group,
        Metrics=list(metrics),
        Granularity=granularity,
    )


def protect(target: Target, group: str, protection: str) -> None:
    """UpdateAutoScalingGroup: the group's DeletionProtection, "none" to lift it."""
    call(target, SERVICE, "UpdateAutoScalingGroup", AutoScalingGroupName=group, DeletionProtection=protection)


def describe_launch_configuration(target: Target, name: str) -> Described | None:
    """What a launch configuration launches; None when it is gone."""
    found = _described(target, "DescribeLaunchConfigurations", "LaunchConfigurations", LaunchConfigurationNames=[name])
    return found[0] if found else None


def _described(target: Target, operation: str, members: str, **parameters: object) -> tuple[Described, ...]:
    found = pages(target, SERVICE, operation, MaxRecords=PAGE, **parameters)
    return tuple(shape for page in found for shape in page[members])
