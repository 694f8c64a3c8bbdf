"""How a cluster is, in words."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from apps.inventory.selectors import standing
from apps.inventory.selectors.clusters import GroupView


def cluster(groups: Sequence[GroupView], kept: Collection[str]) -> str:
    """A cluster by itself: who serves, how well, and what stands by."""
    serving = [standing.served(view) for view in groups if view.traffic.serving]
    waiting = [view.group.name for view in groups if view.group.name in kept and not view.traffic.serving]
    said = [standing.sentence([view.group for view in groups], serving)]
    return " ".join([*said, *(f"{standing.short(name)} is kept for a rollback." for name in waiting)])
