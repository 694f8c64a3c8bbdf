"""One cluster with everything its page and its API answer show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from apps.inventory.models import Cluster, Environment, Group, Image, Instance
from apps.inventory.selectors import lists
from apps.inventory.selectors.ages import Age, age_of_cluster
from apps.inventory.selectors.serving import GroupTraffic
from apps.inventory.selectors.traffic import displayed_traffic


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
    """One cluster, by names; raises Cluster.DoesNotExist."""
    return lists.clusters().get(environment__name=environment, region=region, name=name)


def cluster_view(row: Cluster) -> ClusterView:
    """The cluster's page: 6 queries beside the cluster's own, however many groups and instances it has."""
    groups = list(Group.objects.filter(cluster=row, gone_at__isnull=True).order_by("created_at", "name"))
    return ClusterView(row, _views(row.environment, row.region, groups), age_of_cluster(row))


def group_view(row: Group) -> GroupView:
    """One group as its page shows it; its share of the traffic is that among the groups of its cluster."""
    views = cluster_view(row.cluster).groups if row.cluster else ()
    found = next((view for view in views if view.group.pk == row.pk), None)
    return found or _views(row.environment, row.region, [row])[0]


def _views(environment: Environment, region: str, groups: Sequence[Group]) -> tuple[GroupView, ...]:
    instances: dict[int, list[Instance]] = defaultdict(list)
    members: Iterable[Instance] = Instance.objects.filter(group__in=groups, gone_at__isnull=True).order_by(
        "zone", "instance_id"
    )
    for instance in members:
        instances[instance.group_id or 0].append(instance)
    images = lists.images_by_id(environment, region, {group.image_id for group in groups})
    shown = displayed_traffic(
        environment,
        region,
        {group.name: [each.instance_id for each in instances[group.pk]] for group in groups},
        target_groups(groups, members),
    )
    return tuple(
        GroupView(
            group,
            images.get(group.image_id),
            tuple(instances[group.pk]),
            shown.traffic[group.name],
            unread=not shown.unread.isdisjoint(sources_of(group, instances[group.pk])),
        )
        for group in groups
    )


def sources_of(group: Group, instances: Collection[Instance]) -> set[str]:
    """ARNs of the target groups, and names of the classic load balancers, that its instances can take traffic from."""
    return target_groups([group], instances) if instances else set()


def target_groups(groups: Iterable[Group], instances: Iterable[Instance]) -> set[str]:
    """ARNs of those attached to a group, and of those that still list an instance of a group just detached.

    Classic load balancers are among them, by name.
    """
    sources = [each for group in groups for each in group.traffic_sources]
    attached = {each["identifier"] for each in sources if each["type"] in {"elbv2", "elb"}}
    return attached | {arn for instance in instances for arn in instance.target_health}
