"""Keeping zones even: when one has two members more than another, a new one there goes before an old one here."""

from __future__ import annotations

from collections import Counter

from apps.localcloud.autoscaling.launches import launch_one
from apps.localcloud.autoscaling.model import Group
from apps.localcloud.cloud import Cloud

_UNEVEN = 2


def rebalance(cloud: Cloud, group: Group) -> float | None:
    """Launches one member in an emptier zone; scale-in then takes one from the fullest.

    Only while the group is whole and at rest, and everything that this needs is allowed. Returns the seconds until the
    next attempt, if EC2 refused.
    """
    needed = ("AZRebalance", "Launch", "Terminate")
    if group.deleting or not all(group.runs(one) for one in needed) or group.units() != group.desired:
        return None
    if any(one.lifecycle not in ("InService", "Standby") for one in group.members.values()):
        return None
    if not uneven(group):
        return None
    before = set(group.members)
    wait = launch_one(cloud, group)
    group.rebalancing = next((one for one in group.members if one not in before), "")
    return wait


def uneven(group: Group) -> bool:
    """Whether zones differ by two members, or one has members that the group is no longer in."""
    counts = Counter(one.machine.zone for one in group.capacity())
    if any(zone not in group.zones for zone in counts):
        return True
    sizes = [counts[zone] for zone in group.zones]
    return max(sizes) - min(sizes) >= _UNEVEN


def waits(group: Group) -> bool:
    """Whether scale-in must wait: the member that evens the zones is not in service yet."""
    member = group.members.get(group.rebalancing)
    if member is not None and member.lifecycle.startswith("Pending"):
        return True
    group.rebalancing = ""
    return False
