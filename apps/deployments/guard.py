"""The last serving group of a cluster is never taken away: asked, by a fresh read, before anything is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.cloud.aws import elbv2
from apps.cloud.values import GroupState
from apps.deployments.health import judge
from apps.inventory.selectors.serving import serving_groups

if TYPE_CHECKING:
    from apps.deployments.steps.base import Place


def needed(place: Place, group: GroupState, other: str) -> str:
    """Why `group` cannot go yet: it serves while `other`, which is to carry the traffic, is not wholly healthy.

    Answers a sentence to wait with; empty when it may go.
    """
    from apps.deployments.steps.base import groups, health

    found = groups(place, group.name, other)
    rest = found.get(other)
    targets = health(place, {*group.target_groups, *(rest.target_groups if rest else ())})
    rules = elbv2.rules_for(place.target, targets)
    everybody = [target for listed in targets.values() for target in listed]
    if not serving_groups([group], rules, everybody):
        return ""
    if rest is None or rest.status:
        return f"{group.name} serves and {other} is gone, so {group.name} stays."
    state = judge(rest, rest.desired, {arn: targets[arn] for arn in rest.target_groups})
    return "" if state.whole else f"{group.name} serves until {other} is wholly healthy: {state.says}"
