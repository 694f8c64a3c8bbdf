"""The last serving group of a cluster is never taken away: asked, by a fresh read, before anything is."""

from __future__ import annotations

from apps.cloud.values import GroupState, TargetHealth
from apps.deployments.health import judge
from apps.deployments.place import Place, health, rules
from apps.deployments.weights import reached
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


def reachable(place: Place, group: GroupState) -> bool:
    """Whether requests reach the group, or would if it were healthy: attached, and not at weight 0 everywhere."""
    if group.classic_load_balancers:
        return True
    arns = group.target_groups
    return bool(arns) and bool(reached(rules(place, arns), arns))


def serves(place: Place, group: GroupState, targets: dict[str, tuple[TargetHealth, ...]]) -> bool:
    """Whether a listener sends this group traffic now; `targets` covers its target groups."""
    everybody = [target for listed in targets.values() for target in listed]
    known = rules(place, [source for source in targets if source.startswith("arn:")])
    return bool(serving_groups([group], known, everybody))
