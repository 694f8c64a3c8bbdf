"""Whether a group is wholly healthy, and if not, why not, in one sentence. Pure: fresh values in, words out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from apps.cloud.values import Activity, GroupState, TargetHealth

HealthByTargetGroup = Mapping[str, Sequence[TargetHealth]]


@dataclass(frozen=True)
class Health:
    """How many of a group's instances are in service and healthy in every target group; `says` explains the rest.

    `good` counts them as they are; `healthy` is below `wanted` as long as any instance is sick. `sick` says of one
    instance that failed its health checks what is wrong with it; empty when none did.
    """

    healthy: int
    wanted: int
    says: str
    sick: str = ""
    good: int = 0

    @property
    def whole(self) -> bool:
        return self.healthy >= self.wanted > 0


def judge(group: GroupState, wanted: int, health: HealthByTargetGroup) -> Health:
    """Counts the healthy instances of a group. No target group at all means none is healthy: nothing found is failure.

    An instance counts if it is in service and healthy in every target group of `health`. Every in-service instance
    must be so: one sick instance keeps the group from being whole, however many others there are.
    """
    good = healthy_everywhere(group, health)
    sick = [member.id for member in group.in_service if member.id not in good]
    count = len(good)
    says = f"{count} of {wanted} healthy"
    because = "; ".join(_reasons(group, health, good))
    if because:
        says += f"; {because}"
    shown = next((_words(target, name_of(arn)) for arn, target in _failing(sick, health)), "")
    return Health(min(count, wanted - 1) if sick else count, wanted, says + ".", shown, count)


def drained(ids: Iterable[str], health: HealthByTargetGroup) -> tuple[int, int]:
    """(instances no longer listed as a target anywhere, all instances asked for)."""
    wanted = set(ids)
    listed = {target.id for targets in health.values() for target in targets} & wanted
    return len(wanted) - len(listed), len(wanted)


def capacity_trouble(activities: Sequence[Activity]) -> str:
    """The newest activity's failure, as AWS words it; empty if the newest did not fail."""
    if activities and activities[0].status == "Failed":
        return activities[0].status_message or activities[0].description
    return ""


def name_of(arn: str) -> str:
    """A target group's name out of its ARN (arn:…:targetgroup/NAME/ID)."""
    parts = arn.split("/")
    return parts[-2] if len(parts) >= 3 else arn


def healthy_everywhere(group: GroupState, health: HealthByTargetGroup) -> set[str]:
    """The ids of the group's instances that are in service and healthy in every target group of `health`."""
    if not health:
        return set()
    good = {member.id for member in group.in_service}
    for targets in health.values():
        good &= {target.id for target in targets if target.healthy}
    return good


def healthy_anywhere(group: GroupState, health: HealthByTargetGroup) -> set[str]:
    """The ids of the group's instances that any target group of `health` may send requests to; they may all serve."""
    ids = {member.id for member in group.members}
    return {target.id for targets in health.values() for target in targets if target.healthy and target.id in ids}


def _reasons(group: GroupState, health: HealthByTargetGroup, good: set[str]) -> Iterable[str]:
    starting = [member for member in group.members if member.lifecycle_state.startswith("Pending")]
    missing = group.desired - len(group.members)
    if missing > 0:
        yield f"{missing} not launched yet"
    if starting:
        yield f"{len(starting)} starting"
    leaving = [member for member in group.members if member.lifecycle_state.startswith("Terminating")]
    if leaving:
        yield f"{len(leaving)} being terminated"
    waiting = [member.id for member in group.in_service if member.id not in good]
    for arn, targets in health.items():
        by_id = {target.id: target for target in targets}
        yield from _target_reasons(waiting, by_id, name_of(arn))


def _target_reasons(waiting: Sequence[str], by_id: Mapping[str, TargetHealth], where: str) -> Iterable[str]:
    unlisted = [member for member in waiting if member not in by_id]
    if unlisted:
        yield f"{len(unlisted)} not registered in {where} yet"
    initial = Counter(by_id[member].state for member in waiting if member in by_id)["initial"]
    if initial:
        yield f"{initial} waiting for the first health checks of {where}"
    alike: dict[tuple[str, str], list[str]] = {}
    for _, target in _failing(waiting, {where: tuple(by_id.values())}):
        alike.setdefault((target.state, target.description), []).append(target.id)
    for (state, description), ids in alike.items():
        who = f"{ids[0]} is" if len(ids) == 1 else f"{len(ids)} are"
        yield f"{who} {state} in {where}" + (f": {description}" if description else "")


def _failing(members: Sequence[str], health: HealthByTargetGroup) -> Iterator[tuple[str, TargetHealth]]:
    """Each target of these instances that failed its health checks, with its target group."""
    for arn, targets in health.items():
        yield from ((arn, target) for target in targets if target.id in members and is_sick(target))


def is_sick(target: TargetHealth) -> bool:
    """Whether a target failed; one that waits for its first health checks did not."""
    return target.state not in {"initial", "healthy"}


def _words(target: TargetHealth, where: str) -> str:
    return f"{target.id} is {target.state} in {where}" + (f": {target.description}" if target.description else "")
