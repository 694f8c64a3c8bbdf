"""Whom scale-in takes: first the zone with the most, then by the group's termination policies, never the protected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from apps.localcloud.autoscaling.model import Group, Member, template_of
from apps.localcloud.cloud import Cloud
from apps.localcloud.ec2.templates import templates
from apps.localcloud.errors import AwsError

# orders candidates; those with the smallest key go first
_Key = Callable[[Member], float]


def choose(cloud: Cloud, group: Group, count: int) -> list[Member]:
    """Members to terminate, of at most `count` units of capacity together."""
    left = group.capacity()
    chosen: list[Member] = []
    while count > 0:
        zones = Counter(one.machine.zone for one in left)
        zones.update({zone: len(left) for zone in zones if zone not in group.zones})  # where it should not be at all
        candidates = [one for one in left if not one.protected and one.weight <= count]
        if not candidates:
            break
        fullest = max(zones[one.machine.zone] for one in candidates)
        in_zone = [one for one in candidates if zones[one.machine.zone] == fullest]
        victim = _by_policies(cloud, group, in_zone)
        chosen.append(victim)
        left.remove(victim)
        count -= victim.weight
    return chosen


def _by_policies(cloud: Cloud, group: Group, candidates: list[Member]) -> Member:
    for policy in group.termination_policies:
        for key in _keys(cloud, group, policy):
            best = min(key(one) for one in candidates)
            candidates = [one for one in candidates if key(one) == best]
    return candidates[0]


def _keys(cloud: Cloud, group: Group, policy: str) -> list[_Key]:
    template_order = _template_order(cloud, group)
    if policy == "OldestInstance":
        return [_launched]
    if policy == "NewestInstance":
        return [lambda one: -_launched(one)]
    if policy in ("OldestLaunchTemplate", "OldestLaunchConfiguration"):
        return [template_order]
    if policy == "ClosestToNextInstanceHour":
        return [lambda one: -(_launched(one) % 3600)]
    return [template_order, lambda one: -(_launched(one) % 3600)]  # Default, AllocationStrategy


def _launched(member: Member) -> float:
    return member.machine.launched.timestamp()


def _template_order(cloud: Cloud, group: Group) -> _Key:
    """Members of another template than the group's first, then by version."""
    reference = template_of(group.launch)
    wanted = ""
    if reference is not None:
        try:
            store = templates(cloud, group.account, group.region)
            wanted = store.find(reference.get("LaunchTemplateId"), None).id
        except AwsError:
            wanted = ""  # the template was deleted: then every version is as old as it says

    def order(member: Member) -> float:
        if member.machine.template is None or member.machine.template[0] != wanted:
            return -1.0
        return float(member.machine.template[2])

    return order
