"""How a cluster is, in words."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from apps.inventory.models import Group
from apps.inventory.selectors.clusters import GroupView
from apps.inventory.selectors.words import condition


def group_state(view: GroupView, kept: bool) -> str:
    """One of serving, being deleted, kept, empty, idle: the first that holds."""
    if view.traffic.serving:
        return "serving"
    if view.group.status:
        return "being deleted"
    if kept:
        return "kept"
    return "idle" if view.instances else "empty"


def listed_cluster(groups: Sequence[Group]) -> str:
    """A cluster in a list, from its groups' counts alone."""
    if not groups:
        return "No groups."
    serving = sum(group.in_service_count for group in groups)
    total = sum(group.instance_count for group in groups)
    names = "1 group" if len(groups) == 1 else f"{len(groups)} groups"
    return f"{names}, {serving} of {total} instances in service."


def cluster(groups: Sequence[GroupView], kept: Collection[str]) -> str:
    """A cluster by itself: who serves, how well, and what stands by."""
    if not groups:
        return "No groups."
    serving = [view for view in groups if view.traffic.serving]
    waiting = [view.group.name for view in groups if view.group.name in kept and not view.traffic.serving]
    said = [_who_serves(serving), *(f"{name} is kept for a rollback." for name in waiting)]
    return " ".join(said)


def _who_serves(serving: Sequence[GroupView]) -> str:
    if not serving:
        return "No group serves."
    instances = [instance for view in serving for instance in view.instances]
    healthy = sum(condition(instance).word == "healthy" for instance in instances)
    names = " and ".join(view.group.name for view in serving)
    verb = "serves all traffic" if len(serving) == 1 else "share the traffic"
    return f"{names} {verb}, {healthy} of {len(instances)} healthy."
