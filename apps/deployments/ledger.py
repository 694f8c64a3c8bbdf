"""The kinds of things deployments borrow, and how each is given back. Only what we changed is restored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.cloud.aws import autoscaling
from apps.cloud.aws.session import changing_calls_before
from apps.cloud.values import GroupState, TrafficSource
from apps.deployments.guard import reachable
from apps.deployments.place import Place, find
from apps.inventory.models import Environment
from apps.workflows.context import Context
from apps.workflows.kinds import repayer
from apps.workflows.models import Borrowed
from apps.workflows.plans import Change, Done, Outcome

# original: {"min", "max"} the group shall have in the end, and "desired" where it shall go back too;
# changed_to: for each size that we set, every value we set it to
SIZE = "size"
PROCESSES = "processes"  # original: the processes we suspended, that ran before
TRAFFIC = "traffic"  # original: the traffic sources we detached
WEIGHTS = "weights"  # original: {"pairs": its target groups to those that took over, "rules": ARN to weights before}


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


def pin(
    context: Context, place: Place, name: str, original: Mapping[str, int], now: Mapping[str, int], **to: int
) -> None:
    """Enters in the ledger that sizes of a group (min, max, desired) are about to be set `to` these.

    What is so already is not ours. Every value that we ever set stays known as ours, for a worker may die between
    this and its effect.
    """
    item = context.owed(SIZE, place.resource(name))
    first = item.original if item else original
    ours = dict((item.changed_to if item else None) or {})
    for member, value in to.items():
        if value != now[member]:
            ours[member] = [*(each for each in ours.get(member, ()) if each != value), value]
    raised = [member for member in ("min", "max") if member in ours and ours[member][-1] != first[member]]
    words = [f"{member} raised {first[member]} → {ours[member][-1]}" for member in raised]
    says = ", ".join(words) or f"min held at {first['min']}"
    context.borrow(SIZE, place.resource(name), dict(original), says=says, changed_to=ours)


def going_back(item: Borrowed, group: GroupState) -> tuple[dict[str, int], str]:
    """The sizes a group gets back, and, in a sentence, which of them it does not.

    What is no longer as we set it, somebody else changed meanwhile, as a scheduled action does: it is left as it is.
    """
    now, ours = sizes(group), item.changed_to
    back, left = {}, []
    for member, original in item.original.items():
        values = [now[member]] if ours is None else ours.get(member, ())
        theirs = now[member] not in {original, *values}
        back[member] = now[member] if theirs else original
        if theirs and values:
            text = f"{member} is {now[member]} and not the {values[-1]} that was set here; it is left so"
            left.append(text)
    return back, f" ({', '.join(left)}: somebody else changed it)" if left else ""


def resized(place: Place, name: str, before: Mapping[str, int], after: Mapping[str, int], but: str = "") -> Change:
    """The event of a change of size; its words tell what differs, and `but` what was left."""
    words = [f"{member} {before[member]} → {value}" for member, value in after.items() if before[member] != value]
    return place.change("resized", name, f"{name}: {', '.join(words) or 'as it was'}{but}", before, after)


def standing(context: Context, item: Borrowed) -> tuple[Place, GroupState | None]:
    """Where an item's group is, and the group as it is now; None when it is being deleted, or surely gone.

    Raises LookAgain until that is certain: what is owed to a group that AWS only shows late would never be given back.
    """
    environment, region, name = item.resource.split("/", 2)
    target = Environment.objects.get(name=environment).target(region)
    place = Place(environment, region, item.run.subject, target)
    group = find(context, place, name).get(name)
    return place, group if group and not group.status else None


@repayer(SIZE)
def repay_size(context: Context, item: Borrowed) -> Outcome:
    """Gives a group back its min and max, and its desired where that was recorded; one that serves never shrinks."""
    place, group = standing(context, item)
    if group is None:
        return Done("The group is gone.")
    back, but = going_back(item, group)
    desired = back.get("desired", group.desired)
    serves = reachable(place, group)
    if serves:
        desired = max(desired, group.desired)
    after = fitting(back, desired)
    # else it is not named: what Auto Scaling made of it since the read stands
    named = after["desired"] != group.desired or ("desired" in item.original and not serves)
    meant = after["desired"] if named else None
    with changing_calls_before(context.fence):
        autoscaling.update_group(place.target, group.name, min_size=after["min"], max_size=after["max"], desired=meant)
    return Done(changes=(resized(place, group.name, sizes(group), after, but),))


@repayer(PROCESSES)
def repay_processes(context: Context, item: Borrowed) -> Outcome:
    """Resumes the processes that we suspended."""
    place, group = standing(context, item)
    if group is None:
        return Done("The group is gone.")
    with changing_calls_before(context.fence):
        autoscaling.resume(place.target, group.name, item.original)  # whatever a read shows that may be behind
    says = f"{group.name}: resumed {', '.join(item.original)}"
    change = place.change("processes_resumed", group.name, says, before={"suspended": item.original})
    return Done(changes=(change,) if item.original else ())


@repayer(TRAFFIC)
def repay_traffic(context: Context, item: Borrowed) -> Outcome:
    """Attaches the traffic sources that we detached."""
    place, group = standing(context, item)
    if group is None:
        return Done("The group is gone.")
    recorded = {source.identifier for source in sources_from_json(item.original)}
    if any(source.identifier not in recorded for source in group.traffic_sources):
        says = f"{group.name} was attached elsewhere by somebody else; it is left so"
        return Done(says, changes=(place.change("left_alone", group.name, says),))
    with changing_calls_before(context.fence):
        autoscaling.attach(place.target, group.name, missing_sources(group, item))
    after = {"given": sorted(recorded)}
    return Done(changes=(place.change("traffic_given", group.name, f"{group.name} is attached again", after=after),))


def missing_sources(group: GroupState, item: Borrowed) -> tuple[TrafficSource, ...]:
    """The recorded sources that the group has not (any more)."""
    have = {source.identifier for source in group.traffic_sources}
    return tuple(source for source in sources_from_json(item.original) if source.identifier not in have)


def owed_by(resource: str) -> tuple[int, ...]:
    """Keys of all that is borrowed from a group: to strike off when nothing is left to give it back to."""
    return tuple(Borrowed.objects.filter(resource=resource, repaid_at__isnull=True).values_list("pk", flat=True))
