"""What is kept, described and deleted with its group, and not yet acted upon:
notifications, warm pools; and launch configurations, which are launched from.
"""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from apps.localcloud.autoscaling.describe import page
from apps.localcloud.autoscaling.model import Groups, groups
from apps.localcloud.cloud import now
from apps.localcloud.errors import AwsError, validation_error
from apps.localcloud.operations import Call, Result, operation


def _known(call: Call) -> Groups:
    return groups(call.cloud, call.account, call.region)


def _arn(call: Call, kind: str, name: str) -> str:
    group = call.params.get("AutoScalingGroupName")
    inside = f"autoScalingGroupName/{group}:" if group else ""
    return f"arn:aws:autoscaling:{call.region}:{call.account}:{kind}:{uuid4()}:{inside}{kind}Name/{name}"


@operation("autoscaling", "PutNotificationConfiguration")
def put_notification(call: Call) -> Result:
    """Kept by group, topic and type; nothing is sent yet."""
    for kind in call.params["NotificationTypes"]:
        name = f"{call.params['TopicARN']} {kind}"
        told = {"AutoScalingGroupName": call.params["AutoScalingGroupName"], "TopicARN": call.params["TopicARN"]}
        group = _known(call).changeable(told["AutoScalingGroupName"])
        _known(call).kept("notifications")[group.name, name] = {**told, "NotificationType": kind}
    return None


@operation("autoscaling", "DescribeNotificationConfigurations")
def describe_notifications(call: Call) -> Result:
    """By groups."""
    wanted = call.params.get("AutoScalingGroupNames") or []
    found = [kept for (group, _), kept in _known(call).kept("notifications").items() if not wanted or group in wanted]
    shown, token = page(found, call.params)
    return {"NotificationConfigurations": shown, "NextToken": token}


@operation("autoscaling", "DeleteNotificationConfiguration")
def delete_notification(call: Call) -> Result:
    """Every type of the topic."""
    kept = _known(call).kept("notifications")
    for key, value in list(kept.items()):
        if key[0] == call.params["AutoScalingGroupName"] and value["TopicARN"] == call.params["TopicARN"]:
            del kept[key]
    return None


@operation("autoscaling", "PutWarmPool")
def put_warm_pool(call: Call) -> Result:
    """Kept; nothing is warmed yet."""
    group = _known(call).changeable(call.params["AutoScalingGroupName"])
    configuration = {key: value for key, value in call.params.items() if key != "AutoScalingGroupName"}
    configuration.setdefault("MinSize", 0)
    configuration.setdefault("PoolState", "Stopped")
    _known(call).kept("warm-pools")[group.name, ""] = configuration
    return {}


@operation("autoscaling", "DescribeWarmPool")
def describe_warm_pool(call: Call) -> Result:
    """Its configuration, if there is one."""
    group = _known(call).require(call.params["AutoScalingGroupName"])
    return {"WarmPoolConfiguration": _known(call).kept("warm-pools").get((group.name, "")), "Instances": []}


@operation("autoscaling", "DeleteWarmPool")
def delete_warm_pool(call: Call) -> Result:
    """Raises ValidationError when there is none."""
    group = _known(call).changeable(call.params["AutoScalingGroupName"])
    if _known(call).kept("warm-pools").pop((group.name, ""), None) is None:
        raise validation_error(f"No warm pool found for Auto Scaling group {group.name}")
    return {}


@operation("autoscaling", "DescribeInstanceRefreshes")
def describe_instance_refreshes(call: Call) -> Result:
    """None was ever started: StartInstanceRefresh is not offered."""
    _known(call).require(call.params["AutoScalingGroupName"])
    return {"InstanceRefreshes": []}


@operation("autoscaling", "CreateLaunchConfiguration")
def create_launch_configuration(call: Call) -> Result:
    """The old way to say what is launched."""
    name = call.params["LaunchConfigurationName"]
    kept = _known(call).kept("launch-configurations")
    if ("", name) in kept:
        raise AwsError("AlreadyExists", f"Launch Configuration by this name already exists - {name}")
    created: datetime = now()
    kept["", name] = {
        "KeyName": "",
        "UserData": "",
        "KernelId": "",
        "RamdiskId": "",
        "SecurityGroups": [],
        "BlockDeviceMappings": [],
        "InstanceMonitoring": {"Enabled": True},
        "EbsOptimized": False,
        **{key: value for key, value in call.params.items() if value is not None},
        "LaunchConfigurationARN": _arn(call, "launchConfiguration", name),
        "CreatedTime": created,
    }
    return None


@operation("autoscaling", "DescribeLaunchConfigurations")
def describe_launch_configurations(call: Call) -> Result:
    """By names."""
    wanted = call.params.get("LaunchConfigurationNames") or []
    found = [
        one for (_, name), one in _known(call).kept("launch-configurations").items() if not wanted or name in wanted
    ]
    shown, token = page(found, call.params)
    return {"LaunchConfigurations": shown, "NextToken": token}


@operation("autoscaling", "DeleteLaunchConfiguration")
def delete_launch_configuration(call: Call) -> Result:
    """Refused while a group launches from it."""
    name = call.params["LaunchConfigurationName"]
    if any(group.launch.get("LaunchConfigurationName") == name for group in _known(call).by_name.values()):
        raise AwsError("ResourceInUse", f"Cannot delete launch configuration {name} because it is attached to a group")
    if _known(call).kept("launch-configurations").pop(("", name), None) is None:
        raise validation_error(f"Launch configuration name not found - {name}")
    return None


@operation("autoscaling", "DescribeAccountLimits")
def describe_account_limits(call: Call) -> Result:
    """AWS's defaults; they are not enforced."""
    known = _known(call)
    return {
        "MaxNumberOfAutoScalingGroups": 500,
        "MaxNumberOfLaunchConfigurations": 200,
        "NumberOfAutoScalingGroups": len(known.by_name),
        "NumberOfLaunchConfigurations": len(known.kept("launch-configurations")),
    }


@operation("autoscaling", "DescribeTerminationPolicyTypes")
def describe_termination_policy_types(call: Call) -> Result:
    """Those that there are."""
    return {
        "TerminationPolicyTypes": [
            "AllocationStrategy",
            "ClosestToNextInstanceHour",
            "Default",
            "NewestInstance",
            "OldestInstance",
            "OldestLaunchConfiguration",
            "OldestLaunchTemplate",
        ]
    }
