"""Who serves, as the tables tell it: the same rule as for fresh values, over stored listeners and target health.

Rules and health are read after the groups, a part a round; until then it is unknown whom a target group sends what.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Any

from apps.cloud.values import Forward, RuleState, TargetHealth
from apps.inventory.models import Environment, Instance, LoadBalancer, SyncState, TargetGroup
from apps.inventory.selectors.serving import GroupTraffic, traffic_of

Kind = SyncState.Kind


@dataclass(frozen=True)
class Displayed:
    """Each group's traffic, by its name; `unread` are the target groups that AWS was not asked about yet."""

    traffic: Mapping[str, GroupTraffic]
    unread: frozenset[str] = frozenset()  # ARNs, and names of classic load balancers


def displayed_traffic(
    environment: Environment, region: str, members: Mapping[str, Collection[str]], arns: Set[str]
) -> Displayed:
    """`members` gives each group's instance ids, `arns` the target groups to look at. 3 queries, 4 while some have
    never been seen.
    """
    if not arns:
        return Displayed(traffic_of(members, [], []))
    here = {"environment": environment, "region": region}
    found = TargetGroup.objects.filter(**here, arn__in=arns).only("arn", "load_balancers", "health_read_at", "gone_at")
    groups = {each.arn: each for each in found}
    names = {arn for group in groups.values() if not group.gone_at for arn in group.load_balancers}
    balancers = LoadBalancer.objects.filter(**here, arn__in=names).only(
        "arn", "listeners", "listeners_read_at", "gone_at"
    )
    health = list(_health(environment, region, set(arns)))
    known = _Known(groups, {each.arn: each for each in balancers}, {each.target_group for each in health})
    unread = {arn for arn in arns if arn in groups and not known.whole(groups[arn])}
    strange = {arn for arn in arns - groups.keys() if arn.startswith("arn:") or arn not in known.heard}
    if strange:
        unread |= _never_looked_for(environment, region, strange)
    rules = _rules_to(arns, known.balancers.values())
    return Displayed(traffic_of(members, rules, health), frozenset(unread))


@dataclass(frozen=True)
class _Known:
    """What rows tell of some target groups; `heard`: those whose health some instance's row tells."""

    groups: Mapping[str, TargetGroup]
    balancers: Mapping[str, LoadBalancer]
    heard: Collection[str]

    def whole(self, group: TargetGroup) -> bool:
        """Whether all was read that decides whom it sends what; one that is gone, or behind nothing, sends nothing."""
        if group.gone_at or not group.load_balancers:
            return True
        asked = group.health_read_at is not None or group.arn in self.heard
        return asked and all(self._read(arn) for arn in group.load_balancers)

    def _read(self, arn: str) -> bool:
        row = self.balancers.get(arn)
        return row is not None and bool(row.gone_at or row.listeners or row.listeners_read_at)


def _never_looked_for(environment: Environment, region: str, sources: Collection[str]) -> set[str]:
    """Those of no row that nobody has looked for yet: once a region was read, what has no row is not there."""
    read = SyncState.objects.filter(environment=environment, region=region, succeeded_at__isnull=False)
    kinds = set(read.values_list("kind", flat=True))
    return {each for each in sources if _kind_of(each) not in kinds}


def _kind_of(source: str) -> Kind:
    return Kind.TARGET_GROUPS if source.startswith("arn:") else Kind.TARGET_HEALTH


def _rules_to(arns: Collection[str], balancers: Iterable[LoadBalancer]) -> list[RuleState]:
    """Every stored rule that forwards to one of these target groups."""
    rules = (rule for balancer in balancers if not balancer.gone_at for rule in _rules(balancer.listeners))
    return [rule for rule in rules if any(forward.target_group in arns for forward in rule.forwards)]


def _rules(listeners: Iterable[Mapping[str, Any]]) -> Iterable[RuleState]:
    for listener in listeners:
        for rule in listener["rules"]:
            yield RuleState(
                arn=rule["arn"],
                listener=listener["arn"],
                priority=rule["priority"],
                forwards=tuple(Forward(each["target_group"], each["weight"]) for each in rule["forwards"]),
                conditions=tuple(rule["conditions"]),
            )


def _health(environment: Environment, region: str, arns: set[str]) -> Iterable[TargetHealth]:
    """Of every instance these target groups list, whatever its cluster: shares are of all healthy targets."""
    listed = Instance.objects.filter(
        environment=environment, region=region, gone_at__isnull=True, target_health__has_any_keys=sorted(arns)
    )
    for instance_id, health in listed.order_by().values_list("instance_id", "target_health"):
        for arn, each in health.items():
            if arn in arns:
                yield TargetHealth(arn, instance_id, 0, each["state"], each["reason"], each["description"])
