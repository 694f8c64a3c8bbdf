"""Since when a group's healthy capacity is too low, and which replacement of an instance is not held against it."""

from __future__ import annotations

from dataclasses import dataclass

from apps.cloud.values import GroupState
from apps.deployments.health import HealthByTargetGroup, healthy_everywhere, is_sick


@dataclass(frozen=True)
class Low:
    """A time of too little healthy capacity, kept between looks.

    `since` is seconds on the step's clock, `ailing` the instances that are not healthy, `successors` those that were
    launched within this time.
    """

    since: float
    ailing: list[str]
    successors: list[str]


def watch(before: Low | None, group: GroupState, health: HealthByTargetGroup, now: float) -> Low:
    """What to keep of a look at a group that is not wholly healthy.

    The time counts anew when the only instance that lacked was replaced: the ailing one went, and its successor, if
    it is there yet, boots normally. A successor that goes in its turn does not count anew, so a version whose
    instances die again and again is found out.
    """
    good = healthy_everywhere(group, health)
    present = {member.id for member in group.members if not member.lifecycle_state.startswith("Terminating")}
    ailing = present - good
    booting = ailing - _failed(group, ailing, health)
    known = before or Low(now, [], [])
    fresh = (booting - set(known.ailing)) if before else booting
    successors = {*known.successors, *fresh}
    replaced = set(known.ailing) - present - set(known.successors)
    single = len(good) >= group.desired - 1
    since = now if replaced and single and ailing <= booting else known.since
    return Low(since, sorted(ailing), sorted(successors))


def _failed(group: GroupState, ailing: set[str], health: HealthByTargetGroup) -> set[str]:
    """Those of the ailing that failed a health check, of a target group or of Auto Scaling's own."""
    unfit = {member.id for member in group.members if member.health_status != "Healthy"}
    failed = {target.id for targets in health.values() for target in targets if is_sick(target)}
    return ailing & (unfit | failed)
