"""Reading some clusters of a region: their groups and instances in a call each, health a target group at a time.

Of what no row tells yet (template versions, rules, AMIs) what these clusters need is read too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db.models import Q

from apps.cloud.aws import autoscaling, ec2
from apps.cloud.naming import NamingError, cluster_of, next_group_name
from apps.cloud.values import GroupState
from apps.inventory.models import Cluster, Environment, Group, Instance
from apps.inventory.services import health
from apps.inventory.services.clock import database_time
from apps.inventory.services.conditions import note_conditions
from apps.inventory.services.images import learn_images
from apps.inventory.services.kinds import Place, write_groups, write_instances
from apps.inventory.services.launches import learn_versions, refs_of
from apps.inventory.services.listeners import learn_listeners
from apps.inventory.services.locks import writing

AHEAD = 3  # names after a cluster's newest that are looked for


def read_clusters(environment: Environment, region: str, clusters: Mapping[str, Collection[str]]) -> None:
    """Brings the rows of these clusters to a fresh read; each with the names of groups that no row may tell of yet.

    Rows written by a later read stay. Raises CloudError.
    """
    began = database_time()
    found = _groups(environment, region, clusters)
    learn_versions(environment, region, refs_of(found))
    members = {member.id for group in found for member in group.members}
    instances = ec2.describe_instances(environment.target(region), members) if members else ()
    attached = {source for group in found for source in group.registered_with}
    sources = attached | _listing(environment, region, clusters)
    healths = health.read_health(environment, region, sources)
    learn_listeners(environment, region, sources)
    place = Place(environment, region, began, touch=True)
    with writing(environment, region):
        write_groups(place, found, instances, covers=Q(cluster__name__in=list(clusters)))
        write_instances(place, found, instances, covers=Q(group__cluster__name__in=list(clusters)))
        health.write_health(place, healths)
        _mark_read(place, clusters)
    learn_images(environment, region, {instance.image_id for instance in instances})
    note_conditions(environment, region, clusters)


def _groups(environment: Environment, region: str, clusters: Mapping[str, Collection[str]]) -> list[GroupState]:
    known: dict[str, list[str]] = {name: [] for name in clusters}
    rows = Group.objects.filter(environment=environment, region=region, cluster__name__in=known, gone_at__isnull=True)
    for cluster, group in rows.order_by("created_at").values_list("cluster__name", "name"):
        known[cluster].append(group)
    named = {cluster: {*known[cluster], *clusters[cluster], *_next_names(cluster, known[cluster])} for cluster in known}
    target = environment.target(region)
    if all(named.values()):
        found = autoscaling.describe_groups(target, set().union(*named.values()))
    else:
        found = autoscaling.describe_groups(target)  # nothing is known of a cluster: it is somewhere among all
    return [group for group in found if cluster_of(group.name) in clusters]


def _next_names(cluster: str, known: list[str]) -> list[str]:
    """The names the cluster's next groups will have: asked for in the same call, they are seen as soon as they are."""
    names = list(known)
    for _ in range(AHEAD if known else 0):
        try:
            names.append(next_group_name(cluster, names, names[-1]))
        except NamingError:
            break
    return names[len(known) :]


def _listing(environment: Environment, region: str, clusters: Collection[str]) -> set[str]:
    """What listed the clusters' instances when last read, also after their group was detached: target groups (ARN) and
    classic load balancers (name).
    """
    instances = Instance.objects.filter(
        environment=environment, region=region, group__cluster__name__in=clusters, gone_at__isnull=True
    )
    return {arn for listed in instances.values_list("target_health", flat=True) for arn in listed}


def _mark_read(place: Place, clusters: Collection[str]) -> None:
    rows = Cluster.objects.filter(environment=place.environment, region=place.region, name__in=clusters)
    older = Q(refreshed_at__isnull=True) | Q(refreshed_at__lt=place.began)
    rows.filter(older).update(refreshed_at=place.began)
