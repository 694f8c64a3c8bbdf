"""What the next group takes over from the serving one.

Every member AWS knows is carried, set by us, or refused by name. The members come from AWS's own model of
CreateAutoScalingGroup; one that this table does not name refuses the push.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from apps.cloud.aws.models import request_members
from apps.cloud.values import GroupState, LaunchTemplateRef
from apps.deployments.errors import Finding

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
        "DesiredCapacityType",
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
        "LaunchTemplate",
        "MaxSize",
        "MinSize",
        # ways of the request to say what the describe says otherwise
        "InstanceId",
        "LifecycleHookSpecificationList",
        "SkipZonalShiftValidation",
    }
)
REFUSED = {
    "DeletionProtection": "it is protected from deletion, so a push could not undo itself",
    "LaunchConfigurationName": "it launches from a launch configuration; move it to a launch template first",
    "MixedInstancesPolicy": "it has a mixed instances policy, which a push does not carry yet",
    "Operator": "it is managed by another AWS service",
    # members of the describe only
    "SuspendedProcesses": "it has suspended processes; resume them first, a push needs them to run",
    "WarmPoolConfiguration": "it has a warm pool, which a push does not carry yet",
}
_EMPTY: dict[str, Callable[[Any], bool]] = {
    "DeletionProtection": lambda value: value in (None, "", "none"),
    "Operator": lambda value: not (value or {}).get("Managed"),
}
OUR_TAGS = "deployconsole:"  # tags of ours are written anew for each group


def unclassified() -> frozenset[str]:
    """Members of CreateAutoScalingGroup that this release does not know."""
    return request_members("autoscaling", "CreateAutoScalingGroup") - CARRIED - SET_BY_US - frozenset(REFUSED)


def refusals(group: GroupState) -> Iterator[Finding]:
    """Why a group cannot be the model of the next one, a finding for each member."""
    for member, why in REFUSED.items():
        if not _EMPTY.get(member, _empty)(group.raw.get(member)):
            yield Finding("refuse", "not-carried", f"{group.name} cannot be pushed: {why} ({member}).", member)
    for member in sorted(unclassified()):
        if not _empty(group.raw.get(member)):
            text = f"{group.name} cannot be pushed: this release does not know its member {member}."
            yield Finding("refuse", "unknown-member", text, member)


def foreign_sources(group: GroupState) -> Iterator[Finding]:
    """Why a group's traffic cannot be moved: sources that are no load balancers', each by name."""
    for source in group.traffic_sources:
        if source.type not in {"elbv2", "elb"}:
            text = f"{group.name} cannot be pushed: {source.identifier}, of type {source.type}, sends it traffic,"
            yield Finding("refuse", "not-carried", f"{text} which a push does not move yet.", "TrafficSources")


def parameters(group: GroupState, template: LaunchTemplateRef) -> dict[str, Any]:
    """The parameters of CreateAutoScalingGroup for the next group, at size 0, launching from `template`."""
    carried = {member: group.raw[member] for member in sorted(CARRIED) if not _empty(group.raw.get(member))}
    if "VPCZoneIdentifier" in carried:  # its subnets say the zones; AWS refuses zones beside them that differ
        carried.pop("AvailabilityZones", None)
        carried.pop("AvailabilityZoneIds", None)
    if "AvailabilityZones" in carried:
        carried.pop("AvailabilityZoneIds", None)
    for member in ("LoadBalancerNames", "TargetGroupARNs", "TrafficSources"):
        carried.pop(member, None)
    return {
        **carried,
        **_traffic(group),
        "Tags": tags(group.raw.get("Tags", ())),
        "LaunchTemplate": {"LaunchTemplateId": template.id, "Version": template.version},
        "MinSize": 0,
        "MaxSize": 0,
        "DesiredCapacity": 0,
    }


def tags(described: Any) -> list[dict[str, Any]]:
    """A group's tags as the request wants them, without AWS's and our own."""
    return [
        {"Key": tag["Key"], "Value": tag.get("Value", ""), "PropagateAtLaunch": tag.get("PropagateAtLaunch", False)}
        for tag in described
        if not tag["Key"].startswith(("aws:", OUR_TAGS))
    ]


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


def _empty(value: Any) -> bool:
    return value is None or value == "" or value == [] or value == {}
