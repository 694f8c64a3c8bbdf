"""The lists: applications, clusters, groups, instances, AMIs, load balancers and others, each with what a row shows.

What is gone is left out. The number of queries does not depend on the number of rows.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from apps.inventory.models import (
    Application,
    Cluster,
    Environment,
    Group,
    Image,
    Instance,
    LaunchTemplate,
    LoadBalancer,
    TargetGroup,
)

HERE = Q(gone_at__isnull=True)


def environments() -> QuerySet[Environment]:
    """In the order of their names."""
    return Environment.objects.order_by("name")


def applications() -> QuerySet[Application]:
    """By name; each with `cluster_count` (of clusters that have groups) and `instance_count`."""
    standing = Group.objects.filter(HERE, cluster__application=OuterRef("pk")).order_by()
    counted = standing.values("cluster__application")
    clusters = counted.annotate(count=Count("cluster", distinct=True)).values("count")
    instances = Instance.objects.filter(HERE, group__cluster__application=OuterRef("pk")).order_by()
    members = instances.values("group__cluster__application").annotate(count=Count("pk")).values("count")
    return Application.objects.annotate(
        cluster_count=Coalesce(Subquery(clusters), 0), instance_count=Coalesce(Subquery(members), 0)
    ).order_by("name")


def clusters() -> QuerySet[Cluster]:
    """By name, environment and region; each with `current_groups`, oldest first, with their counts."""
    current = Prefetch("groups", Group.objects.filter(HERE).order_by("created_at", "name"), to_attr="current_groups")
    return (
        Cluster.objects.select_related("environment", "application")
        .prefetch_related(current)
        .order_by("name", "environment__name", "region", "id")
    )


def groups() -> QuerySet[Group]:
    """By name, environment and region, those outside of the grammar included."""
    return (
        Group.objects.filter(HERE)
        .select_related("environment", "cluster", "cluster__application")
        .order_by("name", "environment__name", "region", "id")
    )


def instances() -> QuerySet[Instance]:
    """By id, with group and cluster."""
    return instances_lately().filter(HERE)


def instances_lately() -> QuerySet[Instance]:
    """The same with those that are gone, as long as they are kept: for who asks for one by its id."""
    return Instance.objects.select_related(
        "environment", "group", "group__cluster", "group__cluster__application"
    ).order_by("instance_id", "id")


def images() -> QuerySet[Image]:
    """Newest first."""
    return Image.objects.filter(HERE).select_related("environment").order_by("-created_at", "image_id", "id")


def load_balancers() -> QuerySet[LoadBalancer]:
    """By name."""
    return LoadBalancer.objects.filter(HERE).select_related("environment").order_by("name", "id")


def target_groups() -> QuerySet[TargetGroup]:
    """By name."""
    return TargetGroup.objects.filter(HERE).select_related("environment").order_by("name", "id")


def launch_templates() -> QuerySet[LaunchTemplate]:
    """By name."""
    return LaunchTemplate.objects.filter(HERE).select_related("environment").order_by("name", "id")


def images_once(rows: QuerySet[Image]) -> QuerySet[Image]:
    """Each AMI of these rows once, newest first, by the row that tells most: only its owner sees an AMI's tags.

    Asked of each row by itself, so that a page of the list costs no sorting of all.
    """
    version, source = Q(version=OuterRef("version")), Q(source=OuterRef("source"))
    tells_more = (
        Q(version__gt=OuterRef("version"))
        | version & Q(source__lt=OuterRef("source"))
        | version & source & Q(pk__lt=OuterRef("pk"))
    )
    others = Image.objects.filter(HERE, tells_more, image_id=OuterRef("image_id"))
    return images().filter(~Exists(others), image_id__in=rows.order_by().values("image_id"))


def images_by_id(environment: Environment, region: str, ids: set[str]) -> dict[str, Image]:
    """The rows of these AMIs, also of those that are gone: a running group may outlive its AMI."""
    rows = Image.objects.filter(environment=environment, region=region, image_id__in=ids)
    return {row.image_id: row for row in rows}


def images_of(groups: Sequence[Group]) -> dict[int, Image]:
    """The row of the AMI of each group, by the group's key, wherever the groups stand. One query."""
    rows = Image.objects.filter(
        environment__in={group.environment_id for group in groups},
        region__in={group.region for group in groups},
        image_id__in={group.image_id for group in groups},
    )
    found = {(row.environment_id, row.region, row.image_id): row for row in rows}
    of_each = ((group.pk, found.get((group.environment_id, group.region, group.image_id))) for group in groups)
    return {key: image for key, image in of_each if image}


def images_for(application: str, environment: Environment, region: str) -> QuerySet[Image]:
    """The AMIs to offer in a push of the application: available, its own first by tag, else by name; newest first."""
    here = images().filter(environment=environment, region=region, state="available")
    return here.filter(Q(application=application) | Q(application="", name__startswith=f"{application}-"))
