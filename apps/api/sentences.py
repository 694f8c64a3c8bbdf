"""How a cluster is, in words."""

from __future__ import annotations

from collections.abc import Collection

from apps.inventory.selectors import standing
from apps.inventory.selectors.clusters import ClusterView


def cluster(view: ClusterView, kept: Collection[str], back: str) -> str:
    """A cluster by itself: who serves, how well, and what stands by; a rollback would return to the group `back`."""
    serving = [standing.served(each) for each in view.serving]
    waiting = [each.group.name for each in view.groups if each.group.name in kept and not each.traffic.serving]
    said = [standing.sentence([each.group for each in view.groups], serving, view.unread)]
    words = {name: "is kept for a rollback" if name == back else "stands by" for name in waiting}
    return " ".join([*said, *(f"{standing.short(name)} {does}." for name, does in words.items())])
