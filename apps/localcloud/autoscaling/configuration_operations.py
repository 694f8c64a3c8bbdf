"""Launch configurations, the old way to say what is launched; and what an account may have of them and of groups."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from apps.localcloud.autoscaling.describe import page
from apps.localcloud.autoscaling.model import Groups, groups
from apps.localcloud.autoscaling.settings import TERMINATION_POLICIES
from apps.localcloud.cloud import now
from apps.localcloud.ec2.machines import machines
from apps.localcloud.errors import AwsError, validation_error
from apps.localcloud.operations import Call, Result, operation
from apps.localcloud.quotas.model import GROUPS, LAUNCH_CONFIGURATIONS, Quota, value


def _known(call: Call) -> Groups:
    return groups(call.cloud, call.account, call.region)


def check_limit(call: Call, quota: Quota, present: int, what: str) -> None:
    """Raises AwsError when there are as many as the account may have."""
    most = value(call.cloud, call.account, call.region, quota)
    if present >= most:
        raise AwsError("LimitExceeded", f"You've reached your limit of {most} {what} in this region.")


@operation("autoscaling", "CreateLaunchConfiguration")
def create_launch_configuration(call: Call) -> Result:
    """Never changed afterwards. What is not given is taken from an instance, if one is named."""
    name, kept = call.params["LaunchConfigurationName"], _known(call).configurations
    if name in kept:
        raise AwsError("AlreadyExists", f"Launch Configuration by this name already exists - {name}")
    check_limit(call, LAUNCH_CONFIGURATIONS, len(kept), "launch configurations")
    given = {key: value for key, value in call.params.items() if value is not None and key != "InstanceId"}
    given = {**_from_instance(call), **given}
    if not given.get("ImageId") or not given.get("InstanceType"):
        raise validation_error(
            "Valid requests must contain either the InstanceID parameter or both the ImageId and"
            " InstanceType parameters."
        )
    place = f"{call.region}:{call.account}:launchConfiguration:{uuid4()}"
    kept[name] = {
        "KeyName": "",
        "UserData": "",
        "KernelId": "",
        "RamdiskId": "",
        "ClassicLinkVPCSecurityGroups": [],
        "SecurityGroups": [],
        "BlockDeviceMappings": [],
        "InstanceMonitoring": {"Enabled": True},
        "EbsOptimized": False,
        **given,
        "LaunchConfigurationARN": f"arn:aws:autoscaling:{place}:launchConfigurationName/{name}",
        "CreatedTime": now(),
    }
    return None


def _from_instance(call: Call) -> dict[str, Any]:
    instance_id = call.params.get("InstanceId")
    if not instance_id:
        return {}
    machine = machines(call.cloud).find(call.account, call.region, instance_id)
    if machine is None:
        raise validation_error(f"The instance ID '{instance_id}' does not exist")
    security_groups = [one.id for one in machine.moto.security_groups]
    taken = {"ImageId": machine.image_id, "InstanceType": str(machine.moto.instance_type)}
    return {**taken, "SecurityGroups": security_groups}


@operation("autoscaling", "DescribeLaunchConfigurations")
def describe_launch_configurations(call: Call) -> Result:
    """By names."""
    wanted = call.params.get("LaunchConfigurationNames") or []
    found = [one for name, one in _known(call).configurations.items() if not wanted or name in wanted]
    shown, token = page(found, call.params)
    return {"LaunchConfigurations": shown, "NextToken": token}


@operation("autoscaling", "DeleteLaunchConfiguration")
def delete_launch_configuration(call: Call) -> Result:
    """Refused while a group launches from it."""
    name = call.params["LaunchConfigurationName"]
    if any(group.launch.get("LaunchConfigurationName") == name for group in _known(call).by_name.values()):
        raise AwsError("ResourceInUse", f"Cannot delete launch configuration {name} because it is attached to a group")
    if _known(call).configurations.pop(name, None) is None:
        raise validation_error(f"Launch configuration name not found - {name}")
    return None


@operation("autoscaling", "DescribeAccountLimits")
def describe_account_limits(call: Call) -> Result:
    """What may be, by the account's quotas, and what is."""
    known = _known(call)
    return {
        "MaxNumberOfAutoScalingGroups": value(call.cloud, call.account, call.region, GROUPS),
        "MaxNumberOfLaunchConfigurations": value(call.cloud, call.account, call.region, LAUNCH_CONFIGURATIONS),
        "NumberOfAutoScalingGroups": len(known.by_name),
        "NumberOfLaunchConfigurations": len(known.configurations),
    }


@operation("autoscaling", "DescribeTerminationPolicyTypes")
def describe_termination_policy_types(call: Call) -> Result:
    """Those that there are."""
    return {"TerminationPolicyTypes": sorted(TERMINATION_POLICIES)}
