"""One cluster with everything its page and its API answer show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from apps.inventory.models import Cluster, Group, Image, Instance, SyncState
from apps.inventory.selectors import lists
from apps.inventory.selectors.ages import Age, age_of_cluster, age_of_kinds
from apps.inventory.selectors.serving import GroupTraffic
from apps.inventory.selectors.traffic import sight_of


@dataclass(frozen=True)
class GroupView:
    """One group of a cluster. `image` is None when its AMI is unknown or was never read."""

    group: Group
    image: Image | None
    instances: tuple[Instance, ...]
    traffic: GroupTraffic
    unread: bool = False  # its instances may take traffic of which AWS was not asked yet

    @property
    def version(self) -> str:
        """What its AMI's tags call the version; else the AMI's id."""
        return (self.image.version if self.image else "") or self.group.image_id

    @property
    def target_groups(self) -> tuple[str, ...]:
        """ARNs of the target groups that send it traffic."""
        return tuple(each["identifier"] for each in self.group.traffic_sources if each["type"] == "elbv2")


@dataclass(frozen=True)
class ClusterView:
    """A cluster; its groups oldest first."""

    cluster: Cluster
    groups: tuple[GroupView, ...]
    age: Age

    @property
    def serving(self) -> tuple[GroupView, ...]:
        return tuple(view for view in self.groups if view.traffic.serving)

    @property
    def unread(self) -> bool:
        """Whether it is not known yet of some group what traffic it takes."""
        return any(view.unread for view in self.groups)


def cluster(environment: str, region: str, name: str) -> Cluster:
    """One cluster, by names, with its `current_groups`, oldest first; raises Cluster.DoesNotExist.

    One query; two where it has no group.
    """
    groups = _standing().filter(cluster__environment__name=environment, cluster__region=region, cluster__name=name)
    loaded = list(groups.select_related("cluster__environment", "cluster__application"))
    row = loaded[0].cluster if loaded else None
    if row is None:
        alone = Cluster.objects.select_related("environment", "application")
        row = alone.get(environment__name=environment, region=region, name=name)
    row.current_groups = loaded  # type: ignore[attr-defined]  # as `lists.clusters` leaves them there
    return row


def cluster_view(row: Cluster) -> ClusterView:
    """The cluster's page: 4 queries beside the cluster's own and its groups', however many groups and instances."""
    loaded: list[Group] | None = getattr(row, "current_groups", None)
    groups = list(_standing().filter(cluster=row)) if loaded is None else loaded
    for group in groups:
        group.cluster, group.environment = row, row.environment
    return ClusterView(row, _views(groups), age_of_cluster(row))


def group_view(row: Group) -> tuple[GroupView, Age]:
    """One group as its page shows it, and how old that is; its traffic is that among the groups of its cluster."""
    if row.cluster:
        view = cluster_view(row.cluster)
        found = next((each for each in view.groups if each.group.pk == row.pk), None)
        return found or _views([row])[0], view.age
    age = age_of_kinds(SyncState.Kind.GROUPS, environment=row.environment, region=row.region)
    return _views([row])[0], age


def _standing() -> QuerySet[Group]:
    return Group.objects.filter(lists.HERE).order_by("created_at", "name")


def _views(groups: Sequence[Group]) -> tuple[GroupView, ...]:
    """Groups with their environment loaded; their instances know both."""
    sight, images = sight_of(groups), lists.images_of(groups)
    for group in groups:
        for instance in sight.instances[group.pk]:
            instance.group, instance.environment = group, group.environment
    return tuple(
        GroupView(
            group,
            images.get(group.pk),
            sight.instances[group.pk],
            sight.traffic[group.pk],
            unread=group.pk in sight.unread,
        )
        for group in groups
    )
