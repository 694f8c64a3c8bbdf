"""Launching members: what to launch, where, and what to record when EC2 refuses."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from apps.localcloud.autoscaling.activities import Activity, record, stamp
from apps.localcloud.autoscaling.model import Group, Member, groups, template_of
from apps.localcloud.cloud import Cloud, now
from apps.localcloud.ec2.backend import backend
from apps.localcloud.ec2.launching import Launch, check, launch
from apps.localcloud.ec2.templates import Template, Version, templates
from apps.localcloud.errors import AwsError, validation_error

_FIRST_PAUSE, _LONGEST_PAUSE = 2.0, 60.0  # seconds between attempts that fail


def resolve(cloud: Cloud, account: str, region: str, wanted: dict[str, Any]) -> tuple[Template, Version]:
    """The template version that a group's reference means now. Raises AwsError."""
    store = templates(cloud, account, region)
    template_id = wanted.get("LaunchTemplateId")
    template = store.find(template_id, None if template_id else wanted.get("LaunchTemplateName"))
    return template, template.version(str(wanted.get("Version") or "$Default"))


def check_launchable(cloud: Cloud, group: Group) -> None:
    """What a request for a group must name: something that could be launched now. Raises AwsError."""
    reference = template_of(group.launch)
    if reference is None:
        _configuration(cloud, group)
        return
    try:
        check(cloud, _launch_request(cloud, group, group.subnets[0]))
    except AwsError as error:
        raise validation_error(f"You must use a valid fully-formed launch template. {error.message}") from error


def _configuration(cloud: Cloud, group: Group) -> dict[str, Any]:
    name = group.launch.get("LaunchConfigurationName", "")
    kept = groups(cloud, group.account, group.region).kept("launch-configurations")
    if ("", name) not in kept:
        raise validation_error(f"Launch configuration name not found - Launch configuration {name} not found")
    return kept["", name]


def _launch_request(cloud: Cloud, group: Group, subnet: str) -> Launch:
    reference = template_of(group.launch)
    if reference is not None:
        template = resolve(cloud, group.account, group.region, reference)
        data = dict(template[1].data)
    else:
        template, data = None, _from_configuration(_configuration(cloud, group))
    overrides = group.launch.get("MixedInstancesPolicy", {}).get("LaunchTemplate", {}).get("Overrides") or []
    if overrides and overrides[0].get("InstanceType"):
        data["InstanceType"] = overrides[0]["InstanceType"]
    interfaces = [dict(one) for one in data.get("NetworkInterfaces") or []]
    if interfaces:
        interfaces[0]["SubnetId"] = subnet
        data["NetworkInterfaces"] = interfaces
    else:
        data["SubnetId"] = subnet
    data.pop("Placement", None)  # the group decides where
    tags = {key: value for key, (value, propagate) in group.tags.items() if propagate}
    tags["aws:autoscaling:groupName"] = group.name
    return Launch(group.account, group.region, data, 1, template, tags, group.name)


def _from_configuration(kept: dict[str, Any]) -> dict[str, Any]:
    """A launch configuration in RunInstances' words."""
    names = {"ImageId", "InstanceType", "KeyName", "UserData", "BlockDeviceMappings", "EbsOptimized"}
    data = {key: value for key, value in kept.items() if key in names and value not in (None, "", [])}
    if kept.get("SecurityGroups"):
        data["SecurityGroupIds"] = kept["SecurityGroups"]
    if kept.get("IamInstanceProfile"):
        profile = kept["IamInstanceProfile"]
        data["IamInstanceProfile"] = {"Arn" if profile.startswith("arn:") else "Name": profile}
    return data


def launch_missing(cloud: Cloud, group: Group) -> float | None:
    """Launches what the group lacks. Returns the seconds until the next attempt when EC2 refused."""
    missing = group.desired - len(group.capacity())
    if missing <= 0 or not group.runs("Launch") or group.deleting:
        return None
    if group.launch_not_before is not None and now() < group.launch_not_before:
        return (group.launch_not_before - now()).total_seconds()
    for _ in range(missing):
        subnet = _emptiest_subnet(cloud, group)
        try:
            machine = launch(cloud, _launch_request(cloud, group, subnet))[0]
        except AwsError as error:
            return _note_failure(cloud, group, subnet, error)
        group.launch_failures, group.launch_not_before = 0, None
        member = Member(machine, protected=group.protect_new)
        member.activity = record(
            group.activities,
            Activity(
                group=group.name,
                description=f"Launching a new EC2 instance: {machine.id}",
                cause=_cause(group, len(group.capacity())),
                details={"Subnet ID": subnet, "Availability Zone": machine.zone},
                progress=30,
            ),
        )
        group.members[machine.id] = member
    return None


def _emptiest_subnet(cloud: Cloud, group: Group) -> str:
    home = backend(group.account, group.region)
    zones = {subnet: home.get_subnet(subnet).availability_zone for subnet in group.subnets}
    taken = Counter(one.machine.zone for one in group.capacity())
    return min(group.subnets, key=lambda subnet: taken[zones[subnet]])


def _note_failure(cloud: Cloud, group: Group, subnet: str, error: AwsError) -> float:
    message = f"{error.message}. Launching EC2 instance failed.".replace("..", ".")
    activity = record(
        group.activities,
        Activity(
            group=group.name,
            description=f"Launching a new EC2 instance.  Status Reason: {message}",
            cause=_cause(group, len(group.capacity())),
            details={"Subnet ID": subnet},
        ),
    )
    activity.finish("Failed", message)
    pause = cloud.delay(min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**group.launch_failures))
    group.launch_failures += 1
    group.launch_not_before = now() + timedelta(seconds=pause)
    return pause


def _cause(group: Group, present: int) -> str:
    wish = f"{group.capacity_cause}  " if group.capacity_cause else ""
    return (
        f"{wish}At {stamp()} an instance was started in response to a difference between desired and actual capacity,"
        f" increasing the capacity from {present} to {group.desired}."
    )
