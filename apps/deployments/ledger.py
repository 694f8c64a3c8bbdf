"""The kinds of things deployments borrow, and how each is given back. Only what we changed is restored."""

from __future__ import annotations

from typing import Any

from apps.cloud.aws import autoscaling
from apps.cloud.aws.session import changing_calls_before
from apps.cloud.values import GroupState, Target, TrafficSource
from apps.inventory.models import Environment
from apps.workflows.context import Context
from apps.workflows.kinds import repayer
from apps.workflows.models import Borrowed
from apps.workflows.plans import Done, Outcome

SIZE = "size"  # original: {"min", "max"} the group shall have in the end, and "desired" where we raised it
PROCESSES = "processes"  # original: the processes we suspended, that ran before
TRAFFIC = "traffic"  # original: the traffic sources we detached


def sources_to_json(sources: tuple[TrafficSource, ...]) -> list[dict[str, str]]:
    return [{"identifier": source.identifier, "via": source.via, "type": source.type} for source in sources]


def sources_from_json(stored: list[dict[str, Any]]) -> tuple[TrafficSource, ...]:
    return tuple(TrafficSource(item["identifier"], item["via"], item["type"]) for item in stored)


def standing(item: Borrowed) -> tuple[Target, GroupState | None]:
    """Where an item's group is, and the group as it is now; None when it is gone or being deleted."""
    environment, region, name = item.resource.split("/", 2)
    target = Environment.objects.get(name=environment).target(region)
    found = autoscaling.describe_groups(target, [name])
    return target, next((group for group in found if not group.status), None)


@repayer(SIZE)
def repay_size(context: Context, item: Borrowed) -> Outcome:
    """Gives a group back its min and max, and its desired where we raised it; else desired stays as it is."""
    target, group = standing(item)
    if group is None:
        return Done("The group is gone.")
    desired = item.original.get("desired", group.desired)
    low, high = item.original["min"], max(item.original["max"], desired)
    with changing_calls_before(context.fence):
        autoscaling.update_group(target, group.name, min_size=low, max_size=high, desired=desired)
    return Done(f"min {group.min_size} → {low}, max {group.max_size} → {high}")


@repayer(PROCESSES)
def repay_processes(context: Context, item: Borrowed) -> Outcome:
    """Resumes the processes that we suspended."""
    target, group = standing(item)
    if group is None:
        return Done("The group is gone.")
    with changing_calls_before(context.fence):
        autoscaling.resume(target, group.name, [name for name in item.original if name in group.suspended])
    return Done(f"resumed {', '.join(item.original)}")


@repayer(TRAFFIC)
def repay_traffic(context: Context, item: Borrowed) -> Outcome:
    """Attaches the traffic sources that we detached."""
    target, group = standing(item)
    if group is None:
        return Done("The group is gone.")
    with changing_calls_before(context.fence):
        autoscaling.attach(target, group.name, missing_sources(group, item))
    return Done("attached again")


def missing_sources(group: GroupState, item: Borrowed) -> tuple[TrafficSource, ...]:
    """The recorded sources that the group has not (any more)."""
    have = {source.identifier for source in group.traffic_sources}
    return tuple(source for source in sources_from_json(item.original) if source.identifier not in have)


def void(context: Context, resource: str) -> None:
    """Strikes what is borrowed from a group that is gone: nothing is left to give it back to."""
    for item in Borrowed.objects.filter(resource=resource, repaid_at__isnull=True):
        context.repaid(item)
