"""A group that has everything a real one can have, and what AWS describes of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.world import Service, wait_for

CONFIGURATION = "api-lc"
STEP = {
    "PolicyType": "StepScaling",
    "AdjustmentType": "ChangeInCapacity",
    "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}],
    "MetricAggregationType": "Average",
    "EstimatedInstanceWarmup": 60,
}
SIMPLE = {"PolicyType": "SimpleScaling", "AdjustmentType": "PercentChangeInCapacity", "ScalingAdjustment": -10}
TRACKING = {
    "PolicyType": "TargetTrackingScaling",
    "TargetTrackingConfiguration": {
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
        "TargetValue": 60.0,
        "DisableScaleIn": True,
    },
}


def enrich(service: Service, *, hook: bool = True) -> None:
    """Gives the service's group policies with alarms, schedules, a hook, notifications, metrics and a warm pool.

    Two of its processes are suspended, and it is protected from deletion.
    """
    scaling, group = service.place.client("autoscaling"), service.group
    topic = service.place.client("sns").create_topic(Name="pager")["TopicArn"]
    policies = {
        name: scaling.put_scaling_policy(AutoScalingGroupName=group, PolicyName=name, **policy)["PolicyARN"]
        for name, policy in (("out", STEP), ("in", SIMPLE), ("cpu", TRACKING))
    }
    put_alarm(service, f"{group}-busy", [policies["out"], topic])
    put_alarm(service, "idle", [policies["in"]], ComparisonOperator="LessThanThreshold")
    scaling.put_scheduled_update_group_action(
        AutoScalingGroupName=group,
        ScheduledActionName="night",
        Recurrence="0 3 1 1 *",
        MinSize=1,
        TimeZone="Asia/Tokyo",
    )
    scaling.put_scheduled_update_group_action(
        AutoScalingGroupName=group, ScheduledActionName="sale", StartTime="2099-01-01T00:00:00Z", DesiredCapacity=4
    )
    if hook:
        _hook(scaling, group)
    scaling.put_notification_configuration(
        AutoScalingGroupName=group,
        TopicARN=topic,
        NotificationTypes=["autoscaling:EC2_INSTANCE_LAUNCH", "autoscaling:EC2_INSTANCE_TERMINATE"],
    )
    scaling.enable_metrics_collection(
        AutoScalingGroupName=group, Granularity="1Minute", Metrics=["GroupMinSize", "GroupDesiredCapacity"]
    )
    scaling.put_warm_pool(AutoScalingGroupName=group, MinSize=0, PoolState="Stopped", MaxGroupPreparedCapacity=5)
    scaling.suspend_processes(AutoScalingGroupName=group, ScalingProcesses=["AZRebalance", "ReplaceUnhealthy"])
    scaling.update_auto_scaling_group(AutoScalingGroupName=group, DeletionProtection="prevent-force-deletion")


def _hook(scaling: Any, group: str) -> None:
    scaling.put_lifecycle_hook(
        AutoScalingGroupName=group,
        LifecycleHookName="boot",
        LifecycleTransition="autoscaling:EC2_INSTANCE_LAUNCHING",
        HeartbeatTimeout=300,
        DefaultResult="CONTINUE",
        NotificationMetadata="x",
    )


def launch_from_configuration(service: Service) -> None:
    """The service's group launches from the launch configuration "api-lc", and serves with two instances of it."""
    scaling, group = service.place.client("autoscaling"), service.group
    scaling.create_launch_configuration(
        LaunchConfigurationName=CONFIGURATION,
        ImageId=service.images["1.0.0"],
        InstanceType="t3.medium",
        UserData="export A=1",
    )
    scaling.update_auto_scaling_group(
        AutoScalingGroupName=group, LaunchConfigurationName=CONFIGURATION, DesiredCapacity=0, MinSize=0
    )
    wait_for(lambda: not service.groups()[group]["Instances"], "its instances to be replaced")
    scaling.update_auto_scaling_group(AutoScalingGroupName=group, DesiredCapacity=2)
    wait_for(lambda: service.target_states() == ["healthy"] * 2, "the group to serve")


def put_alarm(service: Service, name: str, actions: list[str], **more: Any) -> None:
    """An alarm on the CPU of the service's group."""
    service.place.client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        AlarmActions=actions,
        **{
            "Namespace": "AWS/EC2",
            "MetricName": "CPUUtilization",
            "Statistic": "Average",
            "Dimensions": [{"Name": "AutoScalingGroupName", "Value": service.group}],
            "Period": 60,
            "EvaluationPeriods": 3,
            "Threshold": 80.0,
            "ComparisonOperator": "GreaterThanThreshold",
            **more,
        },
    )


def complete(service: Service) -> None:
    """Ends the waiting of every instance that a lifecycle hook holds."""
    scaling = service.place.client("autoscaling")
    for name, group in service.groups().items():
        for member in group["Instances"]:
            if member["LifecycleState"].endswith(":Wait"):
                scaling.complete_lifecycle_action(
                    AutoScalingGroupName=name,
                    LifecycleHookName="boot",
                    InstanceId=member["InstanceId"],
                    LifecycleActionResult="CONTINUE",
                )


def described(service: Service, group: str) -> dict[str, Any]:
    """All that AWS describes of a group, written as if its name were GROUP and without what is its very own."""
    scaling = service.place.client("autoscaling")
    policies = scaling.describe_policies(AutoScalingGroupName=group)["ScalingPolicies"]
    names = [alarm["AlarmName"] for policy in policies for alarm in policy["Alarms"]]
    own = [name for name in names if not name.startswith("TargetTracking-")]
    alarms = service.place.client("cloudwatch").describe_alarms(AlarmNames=own)["MetricAlarms"]
    found = {
        "group": service.groups()[group],
        "policies": _by("PolicyName", policies),
        "alarms": sorted(
            ({**alarm, "AlarmName": "", "AlarmArn": ""} for alarm in alarms),
            key=lambda one: one["MetricName"] + one["ComparisonOperator"],
        ),
        "schedules": _by(
            "ScheduledActionName",
            scaling.describe_scheduled_actions(AutoScalingGroupName=group)["ScheduledUpdateGroupActions"],
        ),
        "hooks": scaling.describe_lifecycle_hooks(AutoScalingGroupName=group)["LifecycleHooks"],
        "notifications": scaling.describe_notification_configurations(AutoScalingGroupNames=[group])[
            "NotificationConfigurations"
        ],
    }
    return _plain(json.loads(json.dumps(found, default=str)), group)


OWN = {
    "AlarmArn",
    "AlarmARN",
    "AlarmConfigurationUpdatedTimestamp",
    "AlarmName",
    "Alarms",
    "AutoScalingGroupARN",
    "CreatedTime",
    "DesiredCapacity",
    "ImageId",
    "Instances",
    "LaunchTemplateSpecification",
    "ScheduledActionARN",
    "StateReason",
    "StateReasonData",
    "StateTransitionedTimestamp",
    "StateUpdatedTimestamp",
    "StateValue",
    "SuspensionReason",
    "Tags",
    "TargetGroupARNs",
    "WarmPoolSize",
}


def _by(member: str, found: list[dict[str, Any]]) -> dict[str, Any]:
    return {one[member]: one for one in found}


def _plain(value: Any, group: str) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(each, group) for key, each in value.items() if key not in OWN}
    if isinstance(value, list):
        return [_plain(each, group) for each in value]
    if isinstance(value, str) and ":scalingPolicy:" in value:
        return value.rpartition("/")[2]
    return "GROUP" if value == group else value
