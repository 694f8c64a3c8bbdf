"""Many clusters in short: for home and for the page of an application. Queries grow with places, not with clusters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from apps.console.build.history import place_of
from apps.console.pages.common import State
from apps.console.pages.fleet import ClusterLine
from apps.inventory.models import Cluster, Environment, Group, Instance
from apps.inventory.selectors.lists import images_by_id
from apps.inventory.selectors.traffic import displayed_traffic


def cluster_lines(clusters: Sequence[Cluster]) -> tuple[ClusterLine, ...]:
    """A line a cluster, in the order given; clusters need their `current_groups` loaded."""
    by_place: dict[tuple[int, str], list[Cluster]] = defaultdict(list)
    for cluster in clusters:
        by_place[cluster.environment_id, cluster.region].append(cluster)
    members = _members(group for cluster in clusters for group in cluster.current_groups)  # type: ignore[attr-defined]
    lines = {}
    for (_, region), here in by_place.items():
        lines.update(_lines_here(here[0].environment, region, here, members))
    return tuple(lines[cluster.pk] for cluster in clusters)


def _members(groups: Iterable[Group]) -> dict[int, list[Instance]]:
    found: dict[int, list[Instance]] = defaultdict(list)
    for instance in Instance.objects.filter(group__in=list(groups), gone_at__isnull=True):
        found[instance.group_id or 0].append(instance)
    return found


def _lines_here(
    environment: Environment, region: str, clusters: Sequence[Cluster], members: dict[int, list[Instance]]
) -> dict[int, ClusterLine]:
    groups = [group for cluster in clusters for group in cluster.current_groups]  # type: ignore[attr-defined]
    arns = {each["identifier"] for group in groups for each in group.traffic_sources if each["type"] == "elbv2"}
    ids = {group.name: [each.instance_id for each in members[group.pk]] for group in groups}
    traffic = displayed_traffic(environment, region, ids, arns)
    images = images_by_id(environment, region, {group.image_id for group in groups})
    serving = {name for name, each in traffic.items() if each.serving}
    versions = {image_id: image.version or image_id for image_id, image in images.items()}
    return {cluster.pk: _line(cluster, serving, versions) for cluster in clusters}


def _line(cluster: Cluster, serving: set[str], versions: dict[str, str]) -> ClusterLine:
    groups: list[Group] = cluster.current_groups  # type: ignore[attr-defined]
    serves = [group for group in groups if group.name in serving]
    healthy = sum(group.in_service_count for group in serves)
    wanted = sum(max(group.desired, group.in_service_count) for group in serves)
    names = [versions.get(group.image_id, group.image_id) for group in serves]
    return ClusterLine(
        place=place_of(cluster),
        state=_state(groups, serves, healthy, wanted),
        version=" and ".join(dict.fromkeys(names)),
        healthy=healthy,
        instances=wanted,
    )


def _state(groups: Sequence[Group], serves: Sequence[Group], healthy: int, wanted: int) -> State:
    if serves:
        return State("serve", "serves") if healthy >= wanted else State("attend", "serves, not complete")
    if not groups:
        return State("rest", "no group")
    if any(group.traffic_sources for group in groups):
        return State("fail", "serves nothing")
    return State("rest", "behind no load balancer")
