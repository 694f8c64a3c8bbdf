"""What rows tell of target groups and of the load balancers before them: the rules, and what AWS was not asked yet.

Rules and health are read after the groups, a part a round; until then it is unknown whom a target group sends what.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Func, TextField, Value

from apps.cloud.values import Forward, RuleState
from apps.inventory.models import LoadBalancer, SyncState, TargetGroup

Spot = tuple[int, str]  # an environment's key, and a region of it
Sources = Mapping[Spot, set[str]]  # ARNs of target groups, names of classic load balancers
Kind = SyncState.Kind
PLACE = ("environment_id", "region")


@dataclass(frozen=True)
class Row:
    """A target group with the ARNs of its load balancers, or a load balancer with its listeners."""

    holds: Sequence[Any]
    asked_at: datetime | None  # when the last read of its targets' health, or of its listeners, began
    gone_at: datetime | None


@dataclass(frozen=True)
class Front:
    """The target groups and the load balancers of one environment and region, by ARN, and the sources asked for."""

    sources: Collection[str]
    groups: Mapping[str, Row]
    balancers: Mapping[str, Row]

    def rules(self) -> Iterator[RuleState]:
        """Every stored rule that forwards to one of the sources."""
        for _, balancer in sorted(self.balancers.items(), key=lambda item: item[0]):
            for rule in () if balancer.gone_at else _rules(balancer.holds):
                if any(forward.target_group in self.sources for forward in rule.forwards):
                    yield rule

    def whole(self, arn: str, heard: Collection[str]) -> bool:
        """Whether all was read that decides whom it sends what; one that is gone, or behind nothing, sends nothing.

        `heard` are those whose health some instance's row tells.
        """
        group = self.groups[arn]
        if group.gone_at or not group.holds:
            return True
        return bool(group.asked_at or arn in heard) and all(self._read(balancer) for balancer in group.holds)

    def _read(self, arn: str) -> bool:
        row = self.balancers.get(arn)
        return row is not None and bool(row.gone_at or row.holds or row.asked_at)


def fronts_of(sources: Sources) -> dict[Spot, Front]:
    """What stands in front of groups that take traffic from these. One query; none where there are no sources."""
    wanted = all_of(sources)
    if not wanted:
        return {spot: Front((), {}, {}) for spot in sources}
    groups = TargetGroup.objects.filter(**places_of(sources), arn__in=wanted).order_by()
    element = Func("load_balancers", function="jsonb_array_elements_text", output_field=TextField())
    before = groups.filter(gone_at__isnull=True).values(balancer=element)
    balancers = LoadBalancer.objects.filter(**places_of(sources), arn__in=before).order_by()
    rows = groups.values_list(*PLACE, "arn", "load_balancers", "health_read_at", "gone_at", Value("groups")).union(
        balancers.values_list(*PLACE, "arn", "listeners", "listeners_read_at", "gone_at", Value("balancers")), all=True
    )
    by_spot: dict[Spot, dict[str, dict[str, Row]]] = defaultdict(lambda: {"groups": {}, "balancers": {}})
    for environment, region, arn, holds, asked_at, gone_at, what in rows:
        by_spot[environment, region][what][arn] = Row(holds, asked_at, gone_at)
    return {spot: Front(names, **by_spot[spot]) for spot, names in sources.items()}


def unread_of(sources: Sources, fronts: Mapping[Spot, Front], heard: Sources) -> dict[Spot, set[str]]:
    """Those of the sources that AWS was not asked about yet. One query while some have never been seen, else none."""
    found: dict[Spot, set[str]] = {}
    strange: dict[Spot, set[str]] = {}
    for spot, names in sources.items():
        known, told = fronts[spot], heard.get(spot, set())
        found[spot] = {name for name in names & known.groups.keys() if not known.whole(name, told)}
        rest = {name for name in names - known.groups.keys() if name.startswith("arn:") or name not in told}
        if rest:
            strange[spot] = rest
    for spot, names in _never_looked_for(strange).items():
        found[spot] |= names
    return found


def _never_looked_for(sources: Sources) -> dict[Spot, set[str]]:
    """Those of no row that nobody has looked for yet: once a region was read, what has no row is not there."""
    if not sources:
        return {}
    read = SyncState.objects.filter(**places_of(sources), succeeded_at__isnull=False)
    kinds = {((environment, region), kind) for environment, region, kind in read.values_list(*PLACE, "kind")}
    return {spot: {each for each in names if (spot, _kind_of(each)) not in kinds} for spot, names in sources.items()}


def _kind_of(source: str) -> Kind:
    return Kind.TARGET_GROUPS if source.startswith("arn:") else Kind.TARGET_HEALTH


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


def places_of(sources: Sources) -> dict[str, Any]:
    """Where they are, as a filter; what two of these places call alike is told apart afterwards."""
    return {
        "environment__in": {environment for environment, _ in sources},
        "region__in": {region for _, region in sources},
    }


def all_of(sources: Sources) -> list[str]:
    """All of them, wherever they are."""
    return sorted(set().union(*sources.values()))
