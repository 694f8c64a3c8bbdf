"""A fresh read of one cluster alone, around whatever the console does to it."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from apps.cloud.aws import autoscaling, ec2
from apps.cloud.naming import NamingError, cluster_of, next_group_name
from apps.cloud.values import GroupState
from apps.inventory.models import Cluster, Environment, Group, Instance
from apps.inventory.services import health
from apps.inventory.services.clock import database_time
from apps.inventory.services.images import learn_images
from apps.inventory.services.kinds import Place, write_groups, write_instances
from apps.inventory.services.launches import learn_versions
from apps.inventory.services.locks import writing

AHEAD = 3  # names after the newest that are looked for


def refresh_cluster(environment: Environment, region: str, cluster_name: str, groups: Iterable[str] = ()) -> None:
    """Reads the cluster's groups, their instances and the health of their targets, and brings the rows to it.

    `groups` names groups that no row tells of yet, such as one just created. With none known and none named, every
    group of the region is read to find the cluster's. Rows written by a later read stay. Raises CloudError.
    """
    began = database_time()
    found = _groups(environment, region, cluster_name, set(groups))
    learn_versions(environment, region, found)
    members = {member.id for group in found for member in group.members}
    target = environment.target(region)
    instances = ec2.describe_instances(target, members) if members else ()
    arns = {arn for group in found for arn in group.target_groups}
    healths = health.read_health(environment, region, arns | _listed(environment, region, cluster_name))
    place = Place(environment, region, began, touch=True)
    of_cluster = Q(environment=environment, region=region, name=cluster_name)
    with writing(environment, region):
        write_groups(place, found, instances, covers=Q(cluster__name=cluster_name))
        write_instances(place, found, instances, covers=Q(group__cluster__name=cluster_name))
        health.write_health(place, healths)
        newer = Q(refreshed_at__isnull=True) | Q(refreshed_at__lt=began)
        Cluster.objects.filter(of_cluster & newer).update(refreshed_at=began)
    learn_images(environment, region, {instance.image_id for instance in instances})


def _groups(environment: Environment, region: str, cluster: str, named: set[str]) -> list[GroupState]:
    rows = Group.objects.filter(environment=environment, region=region, cluster__name=cluster, gone_at__isnull=True)
    known = list(rows.order_by("created_at").values_list("name", flat=True))
    names = named | set(known) | _expected(cluster, known)
    target = environment.target(region)
    found = autoscaling.describe_groups(target, names) if names else autoscaling.describe_groups(target, prefix=cluster)
    return [group for group in found if cluster_of(group.name) == cluster]


def _expected(cluster: str, known: list[str]) -> set[str]:
    """The names the cluster's next groups will have: asked for in the same call, they are seen as soon as they are."""
    names = list(known)
    for _ in range(AHEAD if known else 0):
        try:
            names.append(next_group_name(cluster, names, names[-1]))
        except NamingError:
            break
    return set(names)


def _listed(environment: Environment, region: str, cluster: str) -> set[str]:
    """Target groups that listed the cluster's instances when last read, also after their group was detached."""
    instances = Instance.objects.filter(
        environment=environment, region=region, group__cluster__name=cluster, gone_at__isnull=True
    )
    return {arn for listed in instances.values_list("target_health", flat=True) for arn in listed}
