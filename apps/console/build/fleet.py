"""Many clusters in short: for home and for the page of an application. Queries do not grow with them."""

from __future__ import annotations

from collections.abc import Sequence

from apps.console.build.history import place_of
from apps.console.pages.common import State
from apps.console.pages.fleet import ClusterLine
from apps.inventory.models import Cluster, Group
from apps.inventory.selectors.standing import Served, serving_in, standing_groups


def cluster_lines(clusters: Sequence[Cluster]) -> tuple[ClusterLine, ...]:
    """A line a cluster, in the order given; clusters need their `current_groups` loaded."""
    serving = serving_in(clusters)
    return tuple(_line(cluster, serving[cluster.pk]) for cluster in clusters)


def _line(cluster: Cluster, serves: Sequence[Served]) -> ClusterLine:
    healthy = sum(each.healthy for each in serves)
    wanted = sum(max(each.total, each.healthy) for each in serves)
    return ClusterLine(
        place=place_of(cluster),
        state=_state(standing_groups(cluster), serves, healthy, wanted),
        version=" and ".join(dict.fromkeys(each.version for each in serves)),
        healthy=healthy,
        instances=wanted,
    )


def _state(groups: Sequence[Group], serves: Sequence[Served], healthy: int, wanted: int) -> State:
    if serves:
        return State("serve", "serves") if healthy >= wanted else State("attend", "serves, not complete")
    if not groups:
        return State("rest", "no group")
    if any(group.traffic_sources for group in groups):
        return State("fail", "serves nothing")
    return State("rest", "behind no load balancer")
