"""The last serving group of a cluster is never taken away: asked, by a fresh read, before anything is."""

from __future__ import annotations

from apps.cloud.aws import elbv2
from apps.cloud.values import GroupState, TargetHealth
from apps.deployments.health import judge
from apps.deployments.place import Place, health
from apps.inventory.selectors.serving import serving_groups


def needed(place: Place, group: GroupState, rest: GroupState | None, need: int, *, wholly: bool) -> str:
    """Why `group` cannot go yet: it serves, while `rest`, which is to carry the traffic, has not `need` healthy ones.

    `wholly`: nor may any instance of `rest` be sick. Answers a sentence to wait with; empty when the group may go.
    """
    targets = health(place, {*group.registered_with, *(rest.registered_with if rest else ())})
    if not serves(place, group, targets):
        return ""
    if rest is None or rest.status:
        return f"{group.name} serves and the group before it is gone, so {group.name} stays."
    state = judge(rest, need, {source: targets[source] for source in rest.registered_with})
    if state.whole or (not wholly and state.good >= need):
        return ""
    return f"{group.name} serves until {rest.name} can carry the traffic: {state.says}"


def serves(place: Place, group: GroupState, targets: dict[str, tuple[TargetHealth, ...]]) -> bool:
    """Whether a listener sends this group traffic now; `targets` covers its target groups."""
    everybody = [target for listed in targets.values() for target in listed]
    rules = elbv2.rules_for(place.target, [source for source in targets if source.startswith("arn:")])
    return bool(serving_groups([group], rules, everybody))
