"""Which groups serve, and what share of the traffic each takes. Pure: over values, fresh or from the tables alike.

A group serves when at least one of its instances is healthy in a target group that a listener forwards to with a
weight above 0, or in service at a classic load balancer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from apps.cloud.values import Forward, GroupState, RuleState, TargetHealth


@dataclass(frozen=True)
class Share:
    """What one rule sends a group by one target group; a classic load balancer counts as a rule of its own."""

    rule: str  # ARN; of a classic load balancer, its name
    listener: str  # likewise
    priority: str
    target_group: str  # likewise
    weight: int
    healthy: int  # instances of this group that are healthy in the target group
    healthy_of_all: int  # of every group
    fraction: float  # of the rule's requests, 0 to 1: weight by weights, times healthy by healthy of all


@dataclass(frozen=True)
class GroupTraffic:
    """The traffic of one group; it serves when any share has a weight above 0 and a healthy instance."""

    group: str
    shares: tuple[Share, ...] = ()

    @property
    def serving(self) -> bool:
        return any(share.weight > 0 and share.healthy > 0 for share in self.shares)

    @property
    def fraction(self) -> float:
        """The largest part of any one rule's requests that goes to this group, 0 to 1."""
        by_rule: dict[str, float] = defaultdict(float)
        for share in self.shares:
            by_rule[share.rule] += share.fraction
        return max(by_rule.values(), default=0.0)


def serving_groups(
    groups: Iterable[GroupState], rules: Iterable[RuleState], health: Iterable[TargetHealth]
) -> tuple[GroupTraffic, ...]:
    """The traffic of those of the groups that serve, in the order given.

    `rules` and `health` must cover every target group of every group, as `elbv2.rules_for` and `target_health` read,
    and `health` every classic load balancer, as `elb.instance_health` reads it.
    """
    members = {group.name: {member.id for member in group.members} for group in groups}
    return tuple(traffic for traffic in traffic_of(members, rules, health).values() if traffic.serving)


def traffic_of(
    members: Mapping[str, Collection[str]], rules: Iterable[RuleState], health: Iterable[TargetHealth]
) -> dict[str, GroupTraffic]:
    """The traffic of each group, serving or not; `members` gives the instance ids of each group by name."""
    healthy: dict[str, set[str]] = defaultdict(set)
    for target in health:
        if target.healthy:
            healthy[target.target_group].add(target.id)
    classic = (_classic_rule(source) for source in healthy if not source.startswith("arn:"))
    everything = [*rules, *classic]
    return {name: GroupTraffic(name, tuple(_shares(everything, healthy, set(ids)))) for name, ids in members.items()}


def _classic_rule(name: str) -> RuleState:
    return RuleState(name, name, "default", (Forward(name, 1),))


def _shares(rules: Iterable[RuleState], healthy: Mapping[str, set[str]], ids: set[str]) -> Iterable[Share]:
    for rule in rules:
        weights = sum(forward.weight for forward in rule.forwards)
        for forward in rule.forwards:
            everyone = healthy.get(forward.target_group, set())
            ours = len(everyone & ids)
            if not ours:
                continue
            yield Share(
                rule=rule.arn,
                listener=rule.listener,
                priority=rule.priority,
                target_group=forward.target_group,
                weight=forward.weight,
                healthy=ours,
                healthy_of_all=len(everyone),
                fraction=forward.weight / weights * ours / len(everyone) if weights else 0.0,
            )
