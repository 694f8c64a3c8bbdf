"""What a group launches: its template, its launch configuration, or the choices of its mixed instances policy."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.localcloud.autoscaling.model import Group, Member, groups
from apps.localcloud.cloud import Cloud
from apps.localcloud.ec2.launching import Launch, check, launch
from apps.localcloud.ec2.templates import Template, Version, templates
from apps.localcloud.errors import AwsError, validation_error

_DISTRIBUTION = {  # what AWS describes where nothing was given
    "OnDemandAllocationStrategy": "prioritized",
    "OnDemandBaseCapacity": 0,
    "OnDemandPercentageAboveBaseCapacity": 100,
    "SpotAllocationStrategy": "lowest-price",
}
_SPOT_POOLS = 2  # of the lowest-price strategy


@dataclass(frozen=True)
class Offer:
    """One way to launch a member."""

    data: Mapping[str, Any]  # RunInstances members
    template: tuple[Template, Version] | None
    weight: int = 1  # units of the group's capacity
    configuration: str = ""  # the launch configuration's name


def resolve(cloud: Cloud, account: str, region: str, wanted: Mapping[str, Any]) -> tuple[Template, Version]:
    """The template version that a group's reference means now. Raises AwsError."""
    store = templates(cloud, account, region)
    template_id = wanted.get("LaunchTemplateId")
    template = store.find(template_id, None if template_id else wanted.get("LaunchTemplateName"))
    return template, template.version(str(wanted.get("Version") or "$Default"))


def complete_source(cloud: Cloud, account: str, region: str, source: dict[str, Any]) -> dict[str, Any]:
    """Adds what AWS describes beside what was given. Raises AwsError for templates that are not there."""
    if "LaunchTemplate" in source:
        return {"LaunchTemplate": _reference(cloud, account, region, source["LaunchTemplate"])}
    policy = source.get("MixedInstancesPolicy")
    if policy is None:
        return source
    inner = dict(policy.get("LaunchTemplate") or {})
    inner["LaunchTemplateSpecification"] = _reference(
        cloud, account, region, inner.get("LaunchTemplateSpecification") or {}
    )
    inner["Overrides"] = [_override(cloud, account, region, one) for one in inner.get("Overrides") or []]
    return {"MixedInstancesPolicy": {"LaunchTemplate": inner, "InstancesDistribution": _distribution(policy)}}


def _reference(cloud: Cloud, account: str, region: str, given: Mapping[str, Any]) -> dict[str, Any]:
    try:
        template, _ = resolve(cloud, account, region, given)
    except AwsError as error:
        raise validation_error(f"You must use a valid fully-formed launch template. {error.message}") from error
    version = str(given.get("Version") or "$Default")
    return {"LaunchTemplateId": template.id, "LaunchTemplateName": template.name, "Version": version}


def _override(cloud: Cloud, account: str, region: str, given: Mapping[str, Any]) -> dict[str, Any]:
    if given.get("InstanceRequirements"):
        raise validation_error("The embedded cloud offers overrides by InstanceType, not by InstanceRequirements")
    weight = given.get("WeightedCapacity")
    if weight is not None and not (str(weight).isdigit() and 1 <= int(weight) <= 999):
        raise validation_error(f"WeightedCapacity must be between 1 and 999, not {weight}")
    shown = {name: value for name, value in given.items() if value is not None}
    if given.get("LaunchTemplateSpecification"):
        reference = _reference(cloud, account, region, given["LaunchTemplateSpecification"])
        shown["LaunchTemplateSpecification"] = reference
    return shown


def _distribution(policy: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in (policy.get("InstancesDistribution") or {}).items() if value is not None}
    shown = {**_DISTRIBUTION, **given}
    if not 0 <= int(shown["OnDemandPercentageAboveBaseCapacity"]) <= 100:
        raise validation_error("OnDemandPercentageAboveBaseCapacity must be between 0 and 100")
    if shown["SpotAllocationStrategy"] == "lowest-price":
        shown.setdefault("SpotInstancePools", _SPOT_POOLS)
    return shown


def offers(cloud: Cloud, group: Group) -> list[Offer]:
    """What may be launched, in the order in which it is tried. Raises AwsError.

    AWS's strategies weigh prices and free capacity, which there are none of here: the order given is the order tried.
    """
    name = group.launch.get("LaunchConfigurationName")
    if name:
        kept = groups(cloud, group.account, group.region).configurations
        if name not in kept:
            raise validation_error(f"Launch configuration name not found - Launch configuration {name} not found")
        return [Offer(_from_configuration(kept[name]), None, configuration=name)]
    policy = group.launch.get("MixedInstancesPolicy", {}).get("LaunchTemplate")
    if policy is None:
        template = resolve(cloud, group.account, group.region, group.launch["LaunchTemplate"])
        return [Offer(template[1].data, template)]
    return [_overridden(cloud, group, policy, one) for one in policy["Overrides"] or [{}]]


def _overridden(cloud: Cloud, group: Group, policy: Mapping[str, Any], override: Mapping[str, Any]) -> Offer:
    reference = override.get("LaunchTemplateSpecification") or policy["LaunchTemplateSpecification"]
    template = resolve(cloud, group.account, group.region, reference)
    data = dict(template[1].data)
    data.update({name: override[name] for name in ("InstanceType", "ImageId") if override.get(name)})
    return Offer(data, template, int(override.get("WeightedCapacity") or 1))


def _from_configuration(kept: Mapping[str, Any]) -> dict[str, Any]:
    """A launch configuration in RunInstances' words."""
    names = (
        *("ImageId", "InstanceType", "KeyName", "UserData", "BlockDeviceMappings", "EbsOptimized"),
        "MetadataOptions",
    )
    data = {name: kept[name] for name in names if kept.get(name) not in (None, "", [])}
    data["Monitoring"] = kept["InstanceMonitoring"]
    for member, given in (("SecurityGroupIds", True), ("SecurityGroups", False)):
        chosen = [one for one in kept["SecurityGroups"] if one.startswith("sg-") is given]
        if chosen:
            data[member] = chosen
    profile = kept.get("IamInstanceProfile")
    if profile:
        data["IamInstanceProfile"] = {"Arn" if profile.startswith("arn:") else "Name": profile}
    return data


def request(group: Group, offer: Offer, subnet: str, spot: bool = False) -> Launch:
    """What EC2 is asked for one member."""
    data = dict(offer.data)
    interfaces = [dict(one) for one in data.get("NetworkInterfaces") or []]
    if interfaces:
        interfaces[0]["SubnetId"] = subnet
        data["NetworkInterfaces"] = interfaces
    else:
        data["SubnetId"] = subnet
    data.pop("Placement", None)  # the group decides where
    if spot:
        data["InstanceMarketOptions"] = {"MarketType": "spot"}
    tags = {key: value for key, (value, propagate) in group.tags.items() if propagate}
    tags["aws:autoscaling:groupName"] = group.name
    return Launch(group.account, group.region, data, 1, offer.template, tags, group.name)


def wants_spot(group: Group) -> bool:
    """Whether the next member is to be a Spot Instance, by the distribution of a mixed instances policy."""
    distribution = group.launch.get("MixedInstancesPolicy", {}).get("InstancesDistribution")
    if distribution is None:
        return False
    base, percentage = (
        int(distribution[name]) for name in ("OnDemandBaseCapacity", "OnDemandPercentageAboveBaseCapacity")
    )
    size = group.units() + 1
    on_demand = sum(one.weight for one in group.capacity() if one.machine.moto.lifecycle != "spot")
    return on_demand >= min(size, base) + math.ceil(max(0, size - base) * percentage / 100)


def start(cloud: Cloud, group: Group, subnet: str) -> Member:
    """Boots one machine for the group, by the first offer that EC2 takes. Raises AwsError as for the last."""
    refusal = AwsError("ValidationError", "There is nothing to launch")
    for offer in offers(cloud, group):
        try:
            machine = launch(cloud, request(group, offer, subnet, wants_spot(group)))[0]
        except AwsError as error:
            refusal = error
            continue
        group.launch_failures, group.launch_not_before = 0, None
        return Member(machine, protected=group.protect_new, weight=offer.weight, configuration=offer.configuration)
    raise refusal


def check_launchable(cloud: Cloud, group: Group) -> None:
    """What a request for a group must name: something that could be launched now. Raises AwsError."""
    try:
        for offer in offers(cloud, group):
            check(cloud, request(group, offer, group.subnets[0]))
    except AwsError as error:
        if group.launch.get("LaunchConfigurationName"):
            raise validation_error(error.message) from error
        raise validation_error(f"You must use a valid fully-formed launch template. {error.message}") from error
