"""The kinds of things deployments borrow, and how each is given back. Only what we changed is restored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.cloud.aws import autoscaling
from apps.cloud.aws.session import changing_calls_before
from apps.cloud.values import GroupState, TrafficSource
from apps.deployments.place import Place, groups
from apps.inventory.models import Environment
from apps.workflows.context import Context
from apps.workflows.kinds import repayer
from apps.workflows.models import Borrowed
from apps.workflows.plans import Change, Done, Outcome

SIZE = "size"  # original: {"min", "max"} the group shall have in the end, and "desired" where it shall go back too
PROCESSES = "processes"  # original: the processes we suspended, that ran before
TRAFFIC = "traffic"  # original: the traffic sources we detached


def sources_to_json(sources: tuple[TrafficSource, ...]) -> list[dict[str, str]]:
    return [{"identifier": source.identifier, "via": source.via, "type": source.type} for source in sources]


def sources_from_json(stored: list[dict[str, Any]]) -> tuple[TrafficSource, ...]:
    return tuple(TrafficSource(item["identifier"], item["via"], item["type"]) for item in stored)


def sizes(group: GroupState) -> dict[str, int]:
    return {"min": group.min_size, "max": group.max_size, "desired": group.desired}


def fitting(original: Mapping[str, int], desired: int) -> dict[str, int]:
    """Sizes with the original min and max, and `desired` within: rather more than wished, and max raised, than less."""
    desired = max(original["min"], desired)
    return {"min": original["min"], "max": max(original["max"], desired), "desired": desired}


def resized(place: Place, name: str, before: Mapping[str, int], after: Mapping[str, int]) -> Change:
    """The event of a change of size; its words tell what differs."""
    words = [f"{member} {before[member]} → {value}" for member, value in after.items() if before[member] != value]
    return place.change("resized", name, f"{name}: {', '.join(words) or 'as it was'}", before, after)


def standing(item: Borrowed) -> tuple[Place, GroupState | None]:
    """Where an item's group is, and the group as it is now; None when it is gone or being deleted."""
    environment, region, name = item.resource.split("/", 2)
    target = Environment.objects.get(name=environment).target(region)
    place = Place(environment, region, item.run.subject, target)
    group = groups(place, name).get(name)
    return place, group if group and not group.status else None


@repayer(SIZE)
def repay_size(context: Context, item: Borrowed) -> Outcome:
    """Gives a group back its min and max, and its desired where that was recorded; one that serves never shrinks."""
    place, group = standing(item)
    if group is None:
        return Done("The group is gone.")
    desired = item.original.get("desired", group.desired)
    if group.traffic_sources:
        desired = max(desired, group.desired)
    after = fitting(item.original, desired)
    with changing_calls_before(context.fence):
        autoscaling.update_group(
            place.target, group.name, min_size=after["min"], max_size=after["max"], desired=after["desired"]
        )
    return Done(changes=(resized(place, group.name, sizes(group), after),))


@repayer(PROCESSES)
def repay_processes(context: Context, item: Borrowed) -> Outcome:
    """Resumes the processes that we suspended."""
    place, group = standing(item)
    if group is None:
        return Done("The group is gone.")
    held = [name for name in item.original if name in group.suspended]
    with changing_calls_before(context.fence):
        autoscaling.resume(place.target, group.name, held)
    says = f"{group.name}: resumed {', '.join(held)}"
    change = place.change("processes_resumed", group.name, says, before={"suspended": held})
    return Done(changes=(change,) if held else ())


@repayer(TRAFFIC)
def repay_traffic(context: Context, item: Borrowed) -> Outcome:
    """Attaches the traffic sources that we detached."""
    place, group = standing(item)
    if group is None:
        return Done("The group is gone.")
    missing = missing_sources(group, item)
    with changing_calls_before(context.fence):
        autoscaling.attach(place.target, group.name, missing)
    after = {"given": [source.identifier for source in missing]}
    change = place.change("traffic_given", group.name, f"{group.name} attached again", after=after)
    return Done(changes=(change,) if missing else ())


def missing_sources(group: GroupState, item: Borrowed) -> tuple[TrafficSource, ...]:
    """The recorded sources that the group has not (any more)."""
    have = {source.identifier for source in group.traffic_sources}
    return tuple(source for source in sources_from_json(item.original) if source.identifier not in have)


def owed_by(resource: str) -> tuple[int, ...]:
    """Keys of all that is borrowed from a group: to strike off when nothing is left to give it back to."""
    return tuple(Borrowed.objects.filter(resource=resource, repaid_at__isnull=True).values_list("pk", flat=True))
