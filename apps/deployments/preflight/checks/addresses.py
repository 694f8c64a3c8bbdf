"""Whether the subnets have free addresses for the instances that are launched."""

from __future__ import annotations

import math
from collections.abc import Iterator

from apps.cloud.aws import launching
from apps.cloud.values import SubnetState
from apps.deployments.errors import Finding, overridable
from apps.deployments.preflight.base import Looked, check
from apps.workflows.counting import are, instances

NO_ADDRESSES = overridable("no-addresses")


@check("addresses", "whether the subnets have enough free addresses", first=True)
def free_addresses(looked: Looked) -> Iterator[Finding]:
    """Refuses subnets that are gone, or too full for all; warns of one that is too full for its share."""
    found = subnets(looked)
    gone = sorted(set(named(looked)) - {subnet.id for subnet in found})
    if gone:
        text = f"{looked.serving.name} names {', '.join(gone)}, which no longer exists. Correct its subnets."
        yield Finding("refuse", "subnet-gone", text, "VPCZoneIdentifier")
    need, free = looked.launches, sum(subnet.free_addresses for subnet in found)
    told = ", ".join(f"{subnet.id} ({subnet.zone}) {subnet.free_addresses}" for subnet in found)
    if free < need:
        asked = "needs an address" if need == 1 else f"need {need} addresses"
        text = (
            f"{instances(need)} {asked}, and {free} {are(free)} free: {told or 'no subnet'}. "
            "Free some, or give the group another subnet."
        )
        yield Finding("refuse", NO_ADDRESSES, text, "VPCZoneIdentifier")
        return
    share = math.ceil(need / len(found)) if found else 0
    full = [subnet for subnet in found if subnet.free_addresses < share]
    if full:
        names = ", ".join(subnet.id for subnet in full)
        text = (
            f"{names} has fewer than {share} free addresses, the share of each subnet of {instances(need)} ({told}): "
            "zones may become uneven. Free some addresses there."
        )
        yield Finding("warn", "few-addresses", text, "VPCZoneIdentifier")


def named(looked: Looked) -> list[str]:
    """The subnets that the group names; empty where it names zones only."""
    return [name for name in str(looked.serving.raw.get("VPCZoneIdentifier") or "").split(",") if name]


def subnets(looked: Looked) -> tuple[SubnetState, ...]:
    """The subnets in which the group launches, as they are now."""
    ids, zones = named(looked), looked.serving.zones
    return looked.read.once("subnets", lambda: launching.subnets(looked.target, ids, default_of=zones))
