"""The user data templates of applications, and the places that they are for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.db.models import QuerySet

from apps.inventory.models import Application, Cluster, Environment, Group, Image, UserData
from apps.inventory.user_data import Identity, Template


@dataclass(frozen=True)
class Spot:
    """A place where an application runs, or may: its cluster there, and what is known of the newest group."""

    environment: str
    region: str
    cluster: str
    identity: Identity
    production: bool = False

    @property
    def key(self) -> str:
        return f"{self.environment}/{self.region}/{self.cluster}"


def versions(application: str) -> QuerySet[UserData]:
    """Every version of an application's template, newest first."""
    return UserData.objects.filter(application__name=application).select_related("application").order_by("-number")


def newest(application: str) -> UserData | None:
    """The version that holds, though it may say that there is none; None where there never was one."""
    return versions(application).first()


def holding(application: str) -> UserData | None:
    """The version that holds, where there is a template; one query."""
    row = newest(application)
    return row if row and row.text else None


def as_template(row: UserData) -> Template:
    """A version as plain values."""
    return Template(row.number, row.text, row.variables, row.prefix, row.actor, row.reason)


def user_data_template(application: int) -> Template | None:
    """The template of the application with this key; None where there is none, and user data stays as it is."""
    row = UserData.objects.filter(application=application).order_by("-number").first()
    return as_template(row) if row and row.text else None


def spots(application: Application) -> tuple[Spot, ...]:
    """Where it runs; where it does not yet, every region of every environment, with a cluster of its own name.

    Those of test environments come first. 3 queries, or 2.
    """
    clusters = list(Cluster.objects.filter(application=application).select_related("environment"))
    found = _running(clusters) if clusters else _possible(application)
    return tuple(sorted(found, key=lambda spot: (spot.production, spot.environment, spot.region, spot.cluster)))


def spot(application: Application, environment: str, region: str, cluster: str) -> Spot | None:
    """One of those by its names; None where there is none."""
    wanted = (environment, region, cluster)
    return next((each for each in spots(application) if (each.environment, each.region, each.cluster) == wanted), None)


def tags_of(image: str) -> dict[str, str] | None:
    """The tags of an AMI as the last read had them; None where no environment knows it."""
    row = Image.objects.filter(image_id=image).order_by("pk").first()
    return dict(row.tags) if row else None


def _running(clusters: list[Cluster]) -> Iterator[Spot]:
    standing = Group.objects.filter(cluster__in=clusters, gone_at__isnull=True)
    groups = {row.cluster_id: row for row in standing.order_by("cluster_id", "-created_at").distinct("cluster_id")}
    images = {row.image_id: row for row in Image.objects.filter(image_id__in={row.image_id for row in groups.values()})}
    for cluster in clusters:
        group, environment = groups.get(cluster.pk), cluster.environment
        image = images.get(group.image_id) if group else None
        yield _spot(environment, cluster.region, cluster.name, group, image)


def _possible(application: Application) -> Iterator[Spot]:
    for environment in Environment.objects.all():
        for region in environment.regions:
            yield _spot(environment, region, application.name, None, None)


def _spot(environment: Environment, region: str, cluster: str, group: Group | None, image: Image | None) -> Spot:
    known = Identity.of(environment.name, environment.account_id, region, cluster)
    known = known.launching(image.image_id, image.tags) if image else known
    name, template = (group.name, group.launch_template_name) if group else (f"{cluster}-v000", cluster)
    told = replace(known, group=name, launch_template=template)
    return Spot(environment.name, region, cluster, told, environment.production)
