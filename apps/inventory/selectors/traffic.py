"""Who serves, as the tables tell it: the same rule as for fresh values, over stored listeners and target health."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from apps.cloud.values import Forward, RuleState, TargetHealth
from apps.inventory.models import Environment, Instance, LoadBalancer, TargetGroup
from apps.inventory.selectors.serving import GroupTraffic, traffic_of


def displayed_traffic(
    environment: Environment, region: str, members: Mapping[str, Collection[str]], arns: Collection[str]
) -> dict[str, GroupTraffic]:
    """The traffic of each group; `members` gives its instance ids, `arns` the target groups to look at. 3 queries."""
    if not arns:
        return traffic_of(members, [], [])
    return traffic_of(members, rules_to(environment, region, arns), _health(environment, region, set(arns)))


def rules_to(environment: Environment, region: str, arns: Collection[str]) -> list[RuleState]:
    """Every stored rule that forwards to one of these target groups. 2 queries."""
    groups = TargetGroup.objects.filter(environment=environment, region=region, arn__in=arns, gone_at__isnull=True)
    names = {arn for balancers in groups.values_list("load_balancers", flat=True) for arn in balancers}
    balancers = LoadBalancer.objects.filter(environment=environment, region=region, arn__in=names, gone_at__isnull=True)
    rules = (rule for listeners in balancers.values_list("listeners", flat=True) for rule in _rules(listeners))
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
