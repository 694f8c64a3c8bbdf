"""A group's settings as requests give them: checked, resolved to zones and subnets, and kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.localcloud.autoscaling.model import Group
from apps.localcloud.ec2.backend import backend
from apps.localcloud.errors import validation_error
from apps.localcloud.wire import Params

LAUNCH_MEMBERS = ("LaunchTemplate", "MixedInstancesPolicy", "LaunchConfigurationName")
# kept and described as given; none changes what the embedded cloud does
OTHER_MEMBERS = (
    "AvailabilityZoneDistribution",
    "AvailabilityZoneImpairmentPolicy",
    "CapacityRebalance",
    "CapacityReservationSpecification",
    "Context",
    "DefaultInstanceWarmup",
    "DeletionProtection",
    "DesiredCapacityType",
    "InstanceLifecyclePolicy",
    "InstanceMaintenancePolicy",
    "MaxInstanceLifetime",
    "Operator",
    "PlacementGroup",
    "ServiceLinkedRoleARN",
)
_HEALTH_CHECKS = {"EC2", "ELB", "EBS", "VPC_LATTICE"}
TERMINATION_POLICIES = {
    "AllocationStrategy",
    "ClosestToNextInstanceHour",
    "Default",
    "NewestInstance",
    "OldestInstance",
    "OldestLaunchConfiguration",
    "OldestLaunchTemplate",
}


def check_sizes(low: int, high: int, desired: int) -> None:
    """Raises AwsError in AWS's words."""
    if low < 0 or high < 0 or desired < 0:
        raise validation_error("Group sizes must not be negative")
    if low > high:
        raise validation_error(f"Max bound, {high}, must be greater than or equal to min bound, {low}")
    if not low <= desired <= high:
        raise validation_error(
            f"Desired capacity:{desired} must be between the specified min size:{low} and max size:{high}"
        )


def launch_source(params: Params) -> dict[str, Any] | None:
    """The one launch source of a request, or None when it names none. Raises AwsError for two."""
    given = {name: params[name] for name in LAUNCH_MEMBERS if params.get(name)}
    if len(given) > 1:
        raise validation_error(
            "Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or"
            " MixedInstancesPolicy parameter."
        )
    return given or None


def placement(account: str, region: str, params: Params) -> tuple[list[str], list[str]] | None:
    """(zones, subnets) of a request, or None when it names neither. Raises AwsError."""
    home = backend(account, region)
    listed = [one.strip() for one in (params.get("VPCZoneIdentifier") or "").split(",") if one.strip()]
    zones = list(params.get("AvailabilityZones") or [])
    if listed:
        known = {subnet.id: subnet for subnet in home.describe_subnets()}
        missing = [one for one in listed if one not in known]
        if missing:
            raise validation_error(f"The subnet ID '{missing[0]}' does not exist")
        found = sorted({known[one].availability_zone for one in listed})
        if zones and set(zones) != set(found):
            raise validation_error(
                "The availability zones of the specified subnets and the AutoScalingGroup do not match"
            )
        return found, listed
    if not zones:
        return None
    by_zone: Mapping[str, Any] = home.get_default_subnets()
    wrong = [one for one in zones if one not in by_zone]
    if wrong:
        raise validation_error(f"Invalid availability zones: [{', '.join(wrong)}]")
    return sorted(zones), [by_zone[one].id for one in sorted(zones)]


def check_choices(params: Params) -> None:
    """Health check types and termination policies that there are. Raises AwsError."""
    kinds = {one.strip() for one in (params.get("HealthCheckType") or "EC2").split(",")}
    if not kinds <= _HEALTH_CHECKS:
        raise validation_error(f"Invalid HealthCheckType: {params['HealthCheckType']}")
    for policy in params.get("TerminationPolicies") or []:
        if policy not in TERMINATION_POLICIES and not policy.startswith("arn:"):
            raise validation_error(f"TerminationPolicy {policy} is not valid")
    if int(params.get("HealthCheckGracePeriod") or 0) < 0:
        raise validation_error("Invalid HealthCheckGracePeriod")


def apply_choices(group: Group, params: Params) -> None:
    """Takes over every member of a request that is not about size, place or launch source."""
    given = {name: value for name, value in params.items() if value is not None}
    group.health_check_type = given.get("HealthCheckType") or group.health_check_type
    group.health_check_grace = int(given.get("HealthCheckGracePeriod", group.health_check_grace))
    group.default_cooldown = int(given.get("DefaultCooldown", group.default_cooldown))
    group.termination_policies = list(given.get("TerminationPolicies") or group.termination_policies)
    group.protect_new = bool(given.get("NewInstancesProtectedFromScaleIn", group.protect_new))
    group.other.update({name: given[name] for name in OTHER_MEMBERS if name in given})
    if group.other.get("DefaultInstanceWarmup") == -1:
        del group.other["DefaultInstanceWarmup"]  # -1 takes it back
