"""Who serves, as the tables tell it: the same rule as for fresh values, over stored listeners and target health."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Func, Q, QuerySet, TextField

from apps.cloud.values import Forward, RuleState, TargetHealth
from apps.inventory.models import Group, Instance, LoadBalancer, TargetGroup
from apps.inventory.selectors.serving import GroupTraffic, traffic_of

Spot = tuple[int, str]  # an environment's key, and a region of it
Sources = Mapping[Spot, set[str]]  # ARNs of target groups, names of classic load balancers


@dataclass(frozen=True)
class Sight:
    """Groups as they are seen to serve, by their keys; the instances of each in the order of zone and id."""

    instances: Mapping[int, tuple[Instance, ...]]
    traffic: Mapping[int, GroupTraffic]


def sight_of(groups: Sequence[Group]) -> Sight:
    """The instances and the traffic of groups, wherever they stand. 2 queries, however many there are.

    One more while an instance is still listed where none of the groups is attached any more.
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
    return Sight({key: tuple(found) for key, found in members.items()}, _traffic(groups, members, sources, seen))


def _standing() -> QuerySet[Instance]:
    return Instance.objects.filter(gone_at__isnull=True).order_by("zone", "instance_id")


def _attached(groups: Iterable[Group]) -> dict[Spot, set[str]]:
    """What the groups are attached to."""
    found: dict[Spot, set[str]] = defaultdict(set)
    for group in groups:
        sources = (each["identifier"] for each in group.traffic_sources if each["type"] in {"elbv2", "elb"})
        found[_spot(group)].update(sources)
    return found


def _sources(attached: Sources, members: Iterable[Instance]) -> Sources:
    """With those that still list an instance of a group that was just detached."""
    found: dict[Spot, set[str]] = defaultdict(set, {spot: set(names) for spot, names in attached.items()})
    for instance in members:
        found[_spot(instance)].update(instance.target_health)
    return found


def _listed(sources: Sources) -> Q:
    """Every instance that these list, whatever its cluster: shares are of all healthy targets."""
    wanted = _all(sources)
    return Q(**_places(sources), target_health__has_any_keys=wanted) if wanted else Q(pk__in=())


def _traffic(
    groups: Iterable[Group], members: Mapping[int, Sequence[Instance]], sources: Sources, seen: Iterable[Instance]
) -> dict[int, GroupTraffic]:
    rules, health = _rules_to(sources), _health(sources, seen)
    by_spot: dict[Spot, list[Group]] = defaultdict(list)
    for group in groups:
        by_spot[_spot(group)].append(group)
    found: dict[int, GroupTraffic] = {}
    for spot, here in by_spot.items():
        ids = {group.name: [each.instance_id for each in members[group.pk]] for group in here}
        told = traffic_of(ids, rules[spot], health[spot])
        found |= {group.pk: told[group.name] for group in here}
    return found


def _rules_to(sources: Sources) -> dict[Spot, list[RuleState]]:
    """Every stored rule that forwards to one of these target groups. One query."""
    found: dict[Spot, list[RuleState]] = defaultdict(list)
    wanted = _all(sources)
    if not wanted:
        return found
    here = TargetGroup.objects.filter(**_places(sources), arn__in=wanted, gone_at__isnull=True)
    element = Func("load_balancers", function="jsonb_array_elements_text", output_field=TextField())
    balancers = LoadBalancer.objects.filter(
        **_places(sources), arn__in=here.values(balancer=element), gone_at__isnull=True
    )
    for environment, region, listeners in balancers.values_list("environment_id", "region", "listeners"):
        ours = sources.get((environment, region), set())
        found[environment, region] += (
            rule for rule in _rules(listeners) if any(forward.target_group in ours for forward in rule.forwards)
        )
    return found


def _rules(listeners: Iterable[Mapping[str, Any]]) -> Iterator[RuleState]:
    for listener in listeners:
        for rule in listener["rules"]:
            yield RuleState(
                arn=rule["arn"],
                listener=listener["arn"],
                priority=rule["priority"],
                forwards=tuple(Forward(each["target_group"], each["weight"]) for each in rule["forwards"]),
                conditions=tuple(rule["conditions"]),
            )


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


def _places(sources: Sources) -> dict[str, Any]:
    """Where they are, as a filter; what two of these places call alike is told apart afterwards."""
    return {
        "environment__in": {environment for environment, _ in sources},
        "region__in": {region for _, region in sources},
    }


def _all(sources: Sources) -> list[str]:
    return sorted(set().union(*sources.values()))
