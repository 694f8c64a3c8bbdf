"""What the next group takes over from the serving one when it is created.

Every member AWS knows is carried, set by us, or refused by name. The members come from AWS's own model of the group and
of CreateAutoScalingGroup; one that this table does not name refuses the push. What comes later is in `carry`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from apps.cloud.aws.models import request_members, shape_members
from apps.cloud.values import GroupExtras, GroupState
from apps.deployments.carry import mixed
from apps.deployments.carry.settings import hooks
from apps.deployments.carry.tables import empty
from apps.deployments.errors import Finding

SHAPE = "AutoScalingGroup"  # what DescribeAutoScalingGroups answers

CARRIED = frozenset(
    {
        "AvailabilityZoneDistribution",
        "AvailabilityZoneIds",
        "AvailabilityZoneImpairmentPolicy",
        "AvailabilityZones",
        "CapacityRebalance",
        "CapacityReservationSpecification",
        "Context",
        "DefaultCooldown",
        "DefaultInstanceWarmup",
        "HealthCheckGracePeriod",
        "HealthCheckType",
        "InstanceLifecyclePolicy",
        "InstanceMaintenancePolicy",
        "LoadBalancerNames",
        "MaxInstanceLifetime",
        "NewInstancesProtectedFromScaleIn",
        "PlacementGroup",
        "ServiceLinkedRoleARN",
        "Tags",
        "TargetGroupARNs",
        "TerminationPolicies",
        "TrafficSources",
        "VPCZoneIdentifier",
    }
)
SET_BY_US = frozenset(
    {
        "AutoScalingGroupName",
        "DesiredCapacity",
        "LaunchConfigurationName",
        "LaunchTemplate",
        "MaxSize",
        "MinSize",
        "MixedInstancesPolicy",
        # given once the group serves
        "DeletionProtection",
        # ways of the request to say what the describe says otherwise
        "InstanceId",
        "LifecycleHookSpecificationList",
        "SkipZonalShiftValidation",
    }
)
# members of the describe only: AWS's own, or given to the next group by steps of their own
DESCRIBED = frozenset(
    {
        "AutoScalingGroupARN",
        "CreatedTime",
        "EnabledMetrics",
        "Instances",
        "PredictedCapacity",
        "Status",
        "SuspendedProcesses",
        "WarmPoolConfiguration",
        "WarmPoolSize",
    }
)
REFUSED = {
    "DesiredCapacityType": "its sizes are no numbers of instances, which are what a push counts",
    "Operator": "it is managed by another AWS service",
}
_EMPTY: dict[str, Callable[[Any], bool]] = {
    "DesiredCapacityType": lambda value: value in (None, "", "units"),
    "Operator": lambda value: not (value or {}).get("Managed"),
}
OUR_TAGS = "deployconsole:"  # tags of ours are written anew for each group


def unclassified() -> frozenset[str]:
    """Members of a group, or of CreateAutoScalingGroup, that this release does not know."""
    members = request_members("autoscaling", "CreateAutoScalingGroup") | shape_members("autoscaling", SHAPE)
    return members - CARRIED - SET_BY_US - DESCRIBED - frozenset(REFUSED)


def refusals(group: GroupState) -> Iterator[Finding]:
    """Why a group cannot be the model of the next one, a finding for each member."""
    for member, why in REFUSED.items():
        if not _EMPTY.get(member, empty)(group.raw.get(member)):
            yield Finding("refuse", "not-carried", f"{group.name} cannot be pushed: {why} ({member}).", member)
    for member in sorted(unclassified()):
        if not empty(group.raw.get(member)):
            text = f"{group.name} cannot be pushed: this release does not know its member {member}."
            yield Finding("refuse", "unknown-member", text, member)


def foreign_sources(group: GroupState) -> Iterator[Finding]:
    """Why a group's traffic cannot be moved: sources that are no load balancers', each by name."""
    for source in group.traffic_sources:
        if source.type not in {"elbv2", "elb"}:
            text = f"{group.name} cannot be pushed: {source.identifier}, of type {source.type}, sends it traffic,"
            yield Finding("refuse", "not-carried", f"{text} which a push does not move yet.", "TrafficSources")


def parameters(group: GroupState, extras: GroupExtras) -> dict[str, Any]:
    """The parameters of CreateAutoScalingGroup for the next group, at size 0, but for what it launches from.

    Its lifecycle hooks are among them, so that they are there before the first instance starts.
    """
    carried = {member: group.raw[member] for member in sorted(CARRIED) if not empty(group.raw.get(member))}
    if "VPCZoneIdentifier" in carried:  # its subnets say the zones; AWS refuses zones beside them that differ
        carried.pop("AvailabilityZones", None)
        carried.pop("AvailabilityZoneIds", None)
    if "AvailabilityZones" in carried:
        carried.pop("AvailabilityZoneIds", None)
    for member in ("LoadBalancerNames", "TargetGroupARNs", "TrafficSources"):
        carried.pop(member, None)
    given = {"LifecycleHookSpecificationList": hooks(extras), "MixedInstancesPolicy": mixed.policy(group)}
    return {
        **carried,
        **_traffic(group),
        **{member: value for member, value in given.items() if value},
        "Tags": tags(group.raw.get("Tags", ())),
        "MinSize": 0,
        "MaxSize": 0,
        "DesiredCapacity": 0,
    }


def launching(given: Mapping[str, Any], template_id: str, version: str) -> dict[str, Any]:
    """The parameters, with a launch template version pinned by number: inside a mixed instances policy, if it has one.

    `given` may also be those of UpdateAutoScalingGroup.
    """
    template = {"LaunchTemplateId": template_id, "Version": version}
    if mixed.MEMBER in given:
        return {**given, mixed.MEMBER: mixed.with_template(given[mixed.MEMBER], template)}
    return {**given, "LaunchTemplate": template}


def tags(described: Any) -> list[dict[str, Any]]:
    """A group's tags as the request wants them, without AWS's and our own."""
    return [
        {"Key": tag["Key"], "Value": tag.get("Value", ""), "PropagateAtLaunch": tag.get("PropagateAtLaunch", False)}
        for tag in described
        if not tag["Key"].startswith(("aws:", OUR_TAGS))
    ]


def with_tags_of(group: GroupState | None, planned: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The tags that were planned, and those that the group shows beside them now."""
    known = {tag["Key"] for tag in planned}
    return [*planned, *(tag for tag in (tags(group.raw.get("Tags", ())) if group else ()) if tag["Key"] not in known)]


def _traffic(group: GroupState) -> Mapping[str, Any]:
    """Each traffic source by the member of the family that attached it, never by two."""
    arns = [source.identifier for source in group.traffic_sources if source.via == "target-group"]
    sources = [
        {"Identifier": source.identifier, "Type": source.type}
        for source in group.traffic_sources
        if source.via == "traffic-source"
    ]
    names = [source.identifier for source in group.traffic_sources if source.via == "classic"]
    given = (("LoadBalancerNames", names), ("TargetGroupARNs", arns), ("TrafficSources", sources))
    return {member: value for member, value in given if value}
