"""Who serves, as the tables tell it: the same rule as for fresh values, over stored listeners and target health."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from apps.cloud.values import TargetHealth
from apps.inventory.models import Group, Instance
from apps.inventory.selectors.front import Front, Sources, Spot, all_of, fronts_of, places_of, unread_of
from apps.inventory.selectors.serving import GroupTraffic, traffic_of


@dataclass(frozen=True)
class Sight:
    """Groups as they are seen to serve, by their keys; the instances of each in the order of zone and id.

    `unread` are the groups whose instances may take traffic of which AWS was not asked yet.
    """

    instances: Mapping[int, tuple[Instance, ...]]
    traffic: Mapping[int, GroupTraffic]
    unread: frozenset[int] = frozenset()


def sight_of(groups: Sequence[Group]) -> Sight:
    """The instances and the traffic of groups, wherever they stand. 2 queries, however many there are.

    One more while an instance is still listed where none of the groups is attached any more, and one while something
    that the groups take traffic from has never been seen.
    """
    if not groups:
        return Sight({}, {})
    attached = _attached(groups)
    seen = list(_standing().filter(Q(group__in=groups) | _listed(attached)))
    members: dict[int, list[Instance]] = {group.pk: [] for group in groups}
    for instance in seen:
        if instance.group_id in members:
            members[instance.group_id].append(instance)
    sources = _sources(attached, (instance for found in members.values() for instance in found))
    beyond = {spot: found for spot in sources if (found := sources[spot] - attached.get(spot, set()))}
    if beyond:
        known = {instance.pk for instance in seen}
        seen += (instance for instance in _standing().filter(_listed(beyond)) if instance.pk not in known)
    fronts, health = fronts_of(sources), _health(sources, seen)
    unread = unread_of(sources, fronts, {spot: {each.target_group for each in said} for spot, said in health.items()})
    return Sight(
        {key: tuple(found) for key, found in members.items()},
        _traffic(groups, members, fronts, health),
        frozenset(group.pk for group in groups if _takes_from(group, members[group.pk]) & unread[_spot(group)]),
    )


def _standing() -> QuerySet[Instance]:
    return Instance.objects.filter(gone_at__isnull=True).order_by("zone", "instance_id")


def _attached(groups: Iterable[Group]) -> dict[Spot, set[str]]:
    """What the groups are attached to."""
    found: dict[Spot, set[str]] = defaultdict(set)
    for group in groups:
        found[_spot(group)] |= _attached_to(group)
    return found


def _attached_to(group: Group) -> set[str]:
    return {each["identifier"] for each in group.traffic_sources if each["type"] in {"elbv2", "elb"}}


def _sources(attached: Sources, members: Iterable[Instance]) -> Sources:
    """With those that still list an instance of a group that was just detached."""
    found: dict[Spot, set[str]] = defaultdict(set, {spot: set(names) for spot, names in attached.items()})
    for instance in members:
        found[_spot(instance)].update(instance.target_health)
    return found


def _takes_from(group: Group, members: Iterable[Instance]) -> set[str]:
    """What its instances can take traffic from; nothing where it has none."""
    listed = [instance.target_health for instance in members]
    return _attached_to(group).union(*listed) if listed else set()


def _listed(sources: Sources) -> Q:
    """Every instance that these list, whatever its cluster: shares are of all healthy targets."""
    wanted = all_of(sources)
    return Q(**places_of(sources), target_health__has_any_keys=wanted) if wanted else Q(pk__in=())


def _traffic(
    groups: Iterable[Group],
    members: Mapping[int, Sequence[Instance]],
    fronts: Mapping[Spot, Front],
    health: Mapping[Spot, Sequence[TargetHealth]],
) -> dict[int, GroupTraffic]:
    by_spot: dict[Spot, list[Group]] = defaultdict(list)
    for group in groups:
        by_spot[_spot(group)].append(group)
    found: dict[int, GroupTraffic] = {}
    for spot, here in by_spot.items():
        ids = {group.name: [each.instance_id for each in members[group.pk]] for group in here}
        told = traffic_of(ids, fronts[spot].rules(), health.get(spot, ()))
        found |= {group.pk: told[group.name] for group in here}
    return found


def _health(sources: Sources, seen: Iterable[Instance]) -> dict[Spot, list[TargetHealth]]:
    """What these say of the instances."""
    found: dict[Spot, list[TargetHealth]] = defaultdict(list)
    for instance in seen:
        spot = _spot(instance)
        found[spot] += (
            TargetHealth(source, instance.instance_id, 0, each["state"], each["reason"], each["description"])
            for source, each in instance.target_health.items()
            if source in sources.get(spot, ())
        )
    return found


def _spot(row: Group | Instance) -> Spot:
    return row.environment_id, row.region
