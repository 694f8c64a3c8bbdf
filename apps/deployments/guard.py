"""The traffic guard: asked, by fresh reads, before anything takes capacity out of service.

The last serving group of a cluster stays; so does what the cluster's policy asks for, in all and in each zone. A step
that may not go on says why and waits; where the deployment was started with the guard's code among its overrides, whose
reason is recorded, it goes on.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from apps.cloud.values import GroupState, TargetHealth
from apps.deployments.errors import Finding, overridable
from apps.deployments.health import HealthByTargetGroup, healthy_anywhere, healthy_everywhere, judge
from apps.deployments.models import ClusterPolicy, Deployment
from apps.deployments.place import Place, health, rules
from apps.deployments.replacement import in_standby, present
from apps.deployments.weights import reached
from apps.inventory.selectors.serving import serving_groups
from apps.workflows.context import Context
from apps.workflows.counting import are, many

LAST = overridable("guard-last-serving")
LITTLE = overridable("guard-min-healthy")
ZONE = overridable("guard-min-healthy-per-zone")
HELD_BY = "held_by"  # what a step that is held back remembers: the codes that hold it
CODES = {
    LAST: "Take the last serving group out of service.",
    LITTLE: "Leave less of the load healthy than the cluster's policy asks for.",
    ZONE: "Leave less of an Availability Zone's share healthy than the cluster's policy asks for.",
}


@dataclass(frozen=True)
class Loss:
    """What an act takes out of service, and what is to carry the load then.

    `group` loses the instances `ids`, or (None) all of them; of the others it `keeps` so many, if it is to shrink.
    `carried_by` is the group that has the traffic beside it, or instead of it. `load` is how many instances are needed.
    """

    group: GroupState
    ids: frozenset[str] | None = None
    keeps: int | None = None
    carried_by: GroupState | None = None
    load: int = 1


def hold_back(context: Context, place: Place, loss: Loss, seen: HealthByTargetGroup | None = None) -> str:
    """Why the act has to wait, in a sentence; empty when it may be carried out.

    `seen` is the health of everything that both groups are registered with, if the look has read it just now. What
    does not serve is nobody's loss.
    """
    if seen is None:
        seen = health(place, _sources(loss))
    found = dict(objections(_policy(place), loss, seen))
    overridden = _overridden(context) if found else ()
    against = {code: text for code, text in found.items() if code not in overridden}
    if against and not serves(place, loss.group, health(place, loss.group.registered_with)):
        against = {}
    if sorted(against) != context.memory.get(HELD_BY, []):
        context.remember(**{HELD_BY: sorted(against)})
    return f"{loss.group.name} keeps what serves: {' '.join(against.values())}" if against else ""


def zones_lost(policy: ClusterPolicy, leaving: GroupState, takes: GroupState, load: int) -> Iterator[Finding]:
    """What the guard would have against a change of groups however long it waited: zones that the second is not in."""
    lost = sorted(set(leaving.zones) - set(takes.zones))
    share = per_zone(load, len(leaving.zones), policy)
    if lost and share:
        text = (
            f"{takes.name} is not in {' and '.join(lost)}, where {many(share, 'healthy instance')} shall be left by "
            "the cluster's policy. Give it subnets there, or change min_healthy_percent_per_zone."
        )
        yield Finding("refuse", ZONE, text, "min_healthy_percent_per_zone")


def needed(place: Place, group: GroupState, rest: GroupState | None, need: int, *, wholly: bool) -> str:
    """Why `group` cannot go yet: it serves, while `rest`, which is to carry the traffic, has not `need` healthy ones.

    `wholly`: nor may any instance of `rest` be sick. Answers a sentence to wait with; empty when the group may go.
    """
    targets = health(place, {*group.registered_with, *(rest.registered_with if rest else ())})
    if not serves(place, group, targets):
        return ""
    if rest is None or rest.status:
        return f"{group.name} serves and the group before it is gone, so {group.name} stays."
    if not set(rest.registered_with) & set(group.registered_with) and not reachable(place, rest):
        return f"{group.name} serves, and no rule sends anything to {rest.name}, so {group.name} stays."
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


def serves(place: Place, group: GroupState, targets: Mapping[str, Sequence[TargetHealth]]) -> bool:
    """Whether a load balancer sends this group traffic now; `targets` covers all that it is registered with."""
    everybody = [target for listed in targets.values() for target in listed]
    known = rules(place, [source for source in targets if source.startswith("arn:")])
    return bool(serving_groups([group], known, everybody))


def _sources(loss: Loss) -> set[str]:
    return {*loss.group.registered_with, *(loss.carried_by.registered_with if loss.carried_by else ())}


def objections(policy: ClusterPolicy, loss: Loss, seen: HealthByTargetGroup) -> Iterator[tuple[str, str]]:
    """What speaks against it, by code; nothing where no instance is lost that is healthy in any target group."""
    if not _lost(loss, seen):
        return
    left = _staying(loss, seen) | (_healthy(loss.carried_by, seen) if loss.carried_by else set())
    if not left:
        yield LAST, "no other group has a healthy instance to carry its traffic."
        return
    need = math.ceil(loss.load * policy.min_healthy_percent / 100)
    if len(left) < need:
        asked = f"{policy.min_healthy_percent} % of {loss.load}"
        yield (
            LITTLE,
            f"{many(len(left), 'healthy instance')} would be left, and {need} {are(need)} needed ({asked}).",
        )
    zones = _zones(loss)
    names = sorted(set(zones.values()))
    share = per_zone(loss.load, len(names), policy)
    have = Counter(zones[member] for member in left)
    poor = [zone for zone in names if have[zone] < share]
    if poor:
        yield ZONE, f"{' and '.join(poor)} would be left with fewer than {many(share, 'healthy instance')}."


def per_zone(load: int, zones: int, policy: ClusterPolicy) -> int:
    """How many instances each of so many zones must have healthy; an even spread of the load always has enough."""
    return math.floor(load / max(zones, 1) * policy.min_healthy_percent_per_zone / 100)


def _lost(loss: Loss, seen: HealthByTargetGroup) -> set[str]:
    """The instances of the group that may serve now and would not then; where it shrinks, Auto Scaling chooses."""
    serving = set() if loss.group.status else healthy_anywhere(loss.group, seen)
    if loss.ids is None:
        return serving
    if loss.keeps is None:
        return serving & loss.ids
    return serving - _kept(loss, serving - loss.ids)


def _staying(loss: Loss, seen: HealthByTargetGroup) -> set[str]:
    """The healthy instances of the group that would go on serving, wherever those that are named serve now."""
    if loss.ids is None:
        return set()
    where = {source: found for source, found in seen.items() if any(t.healthy and t.id in loss.ids for t in found)}
    return _kept(loss, _healthy(loss.group, where or seen) - loss.ids)


def _kept(loss: Loss, ids: Collection[str]) -> set[str]:
    """Which of these stay where the group shrinks, at worst: Auto Scaling may spare those that are sick.

    It takes from the zone that has most.
    """
    if loss.keeps is None:
        return set(ids)
    others = [each for each in present(loss.group) if each.id not in (loss.ids or ()) and not in_standby(each)]
    zones = defaultdict[str, list[str]](list)
    for member in sorted(others, key=lambda each: (each.id in ids, each.id)):  # the healthy ones last
        zones[member.zone].append(member.id)
    for _ in range(len(others) - loss.keeps):
        max(filter(None, zones.values()), key=lambda members: (len(members), members[-1] in ids)).pop()
    return {each for members in zones.values() for each in members if each in ids}


def _healthy(group: GroupState, seen: HealthByTargetGroup) -> set[str]:
    if group.status:
        return set()
    return healthy_everywhere(group, {source: seen[source] for source in group.registered_with if source in seen})


def _zones(loss: Loss) -> dict[str, str]:
    """The zone of each instance of both groups."""
    groups = [loss.group, *([loss.carried_by] if loss.carried_by else [])]
    return {member.id: member.zone for group in groups for member in group.members}


def _policy(place: Place) -> ClusterPolicy:
    where = {"environment__name": place.environment, "region": place.region, "name": place.cluster}
    found = ClusterPolicy.objects.filter(**{f"cluster__{key}": value for key, value in where.items()})
    return found.first() or ClusterPolicy()


def _overridden(context: Context) -> Collection[str]:
    stored = Deployment.objects.filter(run_id=context.run_id).values_list("overrides", flat=True).first()
    return stored or ()
