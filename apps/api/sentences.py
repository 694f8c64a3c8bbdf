"""How a cluster is, in words."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from apps.inventory.selectors import standing
from apps.inventory.selectors.clusters import GroupView


def cluster(groups: Sequence[GroupView], kept: Collection[str], back: str) -> str:
    """A cluster by itself: who serves, how well, and what stands by; a rollback would return to the group `back`."""
    serving = [standing.served(view) for view in groups if view.traffic.serving]
    waiting = [view.group.name for view in groups if view.group.name in kept and not view.traffic.serving]
    said = [standing.sentence([view.group for view in groups], serving)]
    words = {name: "is kept for a rollback" if name == back else "stands by" for name in waiting}
    return " ".join([*said, *(f"{standing.short(name)} {does}." for name, does in words.items())])
