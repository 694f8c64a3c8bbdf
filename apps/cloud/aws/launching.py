"""What launching an instance needs, found out without launching one: addresses, types on offer, a dry run. Part of EC2.

Reads only: a dry run changes nothing.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from apps.cloud.aws.ec2_shapes import subnet_state
from apps.cloud.aws.session import call, pages
from apps.cloud.values import LaunchTemplateVersion, SubnetState, Target

SERVICE = "ec2"
PAGE = 1000
OFFERED_FOR = 3600.0  # seconds for which what is on offer is taken for unchanged

Offered = Mapping[str, frozenset[str]]

_offered: dict[tuple[str, str, tuple[str, ...]], tuple[float, Offered]] = {}
_offered_lock = threading.Lock()


def subnets(target: Target, ids: Iterable[str] = (), *, default_of: Iterable[str] = ()) -> tuple[SubnetState, ...]:
    """The subnets with these ids (those that are gone are left out), else the default ones of these zones."""
    named = sorted(set(ids))
    if named:
        filters = [_filter("subnet-id", named)]
    else:
        filters = [_filter("default-for-az", ["true"]), _filter("availability-zone", sorted(set(default_of)))]
    answers = pages(target, SERVICE, "DescribeSubnets", Filters=filters, MaxResults=PAGE)
    return tuple(subnet_state(shape) for answer in answers for shape in answer["Subnets"])


def offered(target: Target, instance_types: Iterable[str]) -> Offered:
    """The zones of the region, each with those of the instance types that can be had there; kept for an hour."""
    key = (target.account, target.region, tuple(sorted(set(instance_types))))
    known = _offered.get(key)
    if known and time.monotonic() - known[0] < OFFERED_FOR:
        return known[1]
    found: dict[str, set[str]] = {}
    for answer in pages(
        target,
        SERVICE,
        "DescribeInstanceTypeOfferings",
        LocationType="availability-zone",
        Filters=[_filter("instance-type", key[2])],
        MaxResults=PAGE,
    ):
        for shape in answer["InstanceTypeOfferings"]:
            found.setdefault(shape["Location"], set()).add(shape["InstanceType"])
    by_zone = {zone: frozenset(names) for zone, names in found.items()}
    with _offered_lock:
        _offered[key] = (time.monotonic(), by_zone)
    return by_zone


def running_types(target: Target) -> Counter[str]:
    """How many instances of each type count towards the account's quotas here: those that start or run."""
    running = [_filter("instance-state-name", ["pending", "running"])]
    return Counter(
        shape.get("InstanceType", "")
        for answer in pages(target, SERVICE, "DescribeInstances", Filters=running, MaxResults=PAGE)
        for reservation in answer["Reservations"]
        for shape in reservation["Instances"]
    )


def try_launch(
    target: Target, template: LaunchTemplateVersion, image_id: str, *, subnet: str = "", instance_type: str = ""
) -> None:
    """RunInstances as a dry run: one instance of the template's version with this image, in that subnet.

    A template without an id, not made yet, is tried by its data.
    Returns if it would start. Raises Denied if the role may not launch it, another CloudError with what is wrong.
    """
    interfaces = template.data.get("NetworkInterfaces") or []
    wanted: dict[str, object] = {"LaunchTemplate": {"LaunchTemplateId": template.id, "Version": str(template.version)}}
    if not template.id:
        names = {"RamDiskId": "RamdiskId"}  # what RunInstances calls it; user data is not judged by a dry run
        wanted = {names.get(name, name): value for name, value in template.data.items() if name != "UserData"}
    if interfaces and subnet:
        wanted["NetworkInterfaces"] = _within(interfaces, subnet)
    elif subnet:  # AWS takes a subnet beside interfaces only within each of them
        wanted["SubnetId"] = subnet
    if instance_type:
        wanted["InstanceType"] = instance_type
    call(
        target, SERVICE, "RunInstances", **{**wanted, "DryRun": True, "ImageId": image_id, "MinCount": 1, "MaxCount": 1}
    )


def try_template_change(target: Target, template_id: str, operation: str) -> None:
    """A dry run of CreateLaunchTemplateVersion or DeleteLaunchTemplateVersions; raises Denied if the role may not."""
    wanted: dict[str, object] = {"LaunchTemplateId": template_id, "DryRun": True}
    if operation == "CreateLaunchTemplateVersion":
        wanted |= {"LaunchTemplateData": {"ImageId": "ami-00000000000000000"}}
    else:
        wanted |= {"Versions": ["1"]}
    call(target, SERVICE, operation, **wanted)


def _within(interfaces: Sequence[Mapping[str, Any]], subnet: str) -> list[dict[str, Any]]:
    return [{**interface, "SubnetId": subnet} for interface in interfaces]


def _filter(name: str, values: Sequence[str]) -> dict[str, object]:
    return {"Name": name, "Values": list(values)}
