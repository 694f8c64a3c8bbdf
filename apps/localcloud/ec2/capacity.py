"""What EC2 has no room for: types that a zone does not offer, vCPUs beyond the quota, subnets that are full."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache

from moto.ec2.models.instance_types import INSTANCE_TYPE_OFFERINGS, INSTANCE_TYPES

from apps.localcloud.cloud import Cloud
from apps.localcloud.ec2.machines import machines
from apps.localcloud.ec2.subnets import LoopbackSubnet
from apps.localcloud.errors import AwsError
from apps.localcloud.quotas.model import OTHER_VCPUS, STANDARD_VCPUS, Quota, value

_STANDARD_FAMILIES = "acdhimrtz"
_UNCOUNTED = ("mac", "hpc")  # begin like standard ones and are counted in hosts, or otherwise
_LETTERS = re.compile(r"[a-z]+")


def bucket(instance_type: str) -> tuple[Quota, int] | None:
    """The quota that an on-demand instance of the type counts towards, and its vCPUs; None when there is none here."""
    match = _LETTERS.match(instance_type)
    family = match[0] if match else ""
    quota = OTHER_VCPUS.get("g" if family == "vt" else family)
    if quota is None and family[:1] in _STANDARD_FAMILIES and family not in _UNCOUNTED:
        quota = STANDARD_VCPUS
    if not family or quota is None:
        return None
    return quota, int(INSTANCE_TYPES[instance_type]["VCpuInfo"]["DefaultVCpus"])


@cache
def _zones_of(region: str) -> dict[str, set[str]]:
    """The zones that offer each instance type."""
    found: dict[str, set[str]] = defaultdict(set)
    for one in INSTANCE_TYPE_OFFERINGS["availability-zone"].get(region, []):
        found[one["InstanceType"]].add(one["Location"])
    return found


def check_offered(region: str, zone: str, instance_type: str) -> None:
    """Raises AwsError when the zone does not offer the type. Of some regions nothing is known; they offer all."""
    offered = _zones_of(region)
    if offered and zone not in offered.get(instance_type, ()):
        others = ", ".join(sorted(offered.get(instance_type, ())))
        raise AwsError(
            "Unsupported",
            f"Your requested instance type ({instance_type}) is not supported in your requested Availability Zone"
            f" ({zone}). Please retry your request by not specifying an Availability Zone or choosing {others}.",
        )


def check_vcpus(cloud: Cloud, account: str, region: str, instance_type: str, count: int) -> None:
    """Raises AwsError when `count` more instances would be beyond the account's quota."""
    counted = bucket(instance_type)
    if counted is None:
        return
    quota, vcpus = counted
    most = value(cloud, account, region, quota)
    if machines(cloud).vcpus[account, region, quota.code] + vcpus * count > most:
        raise AwsError(
            "VcpuLimitExceeded",
            f"You have requested more vCPU capacity than your current vCPU limit of {most} allows for the instance"
            " bucket that the specified instance type belongs to. Please visit"
            " http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit.",
        )


def check_addresses(subnet: LoopbackSubnet, count: int) -> None:
    """Raises AwsError when the subnet has not that many free addresses."""
    if subnet.available_ip_address_count < count:
        raise AwsError(
            "InsufficientFreeAddressesInSubnet",
            f"There are not enough free addresses in subnet '{subnet.id}' to satisfy the requested number of"
            " instances.",
        )
