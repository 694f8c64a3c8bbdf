"""Everything that uses AMIs, in every environment and region; and where that is not wholly known.

What is not read counts as unknown, never as unused.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from apps.inventory.models import Environment, Group, Image, Instance, LaunchTemplate, LaunchTemplateVersion, SyncState
from apps.inventory.selectors.lists import HERE

Kind = SyncState.Kind
NEEDED = (Kind.GROUPS, Kind.INSTANCES, Kind.LAUNCH_TEMPLATES, Kind.IMAGES)
MISSED = 10  # rounds of the sync after which what it read tells of then, and not of now
BY_PARAMETER = "resolve:ssm:"


@dataclass(frozen=True)
class TemplateUse:
    """A launch template version that names an AMI. `name` is its template's."""

    environment: str
    region: str
    name: str
    template_id: str
    version: int
    current: bool  # the default or the latest one


def standing_versions() -> QuerySet[LaunchTemplateVersion]:
    """The versions of templates that AWS still shows."""
    templates = LaunchTemplate.objects.filter(
        HERE,
        environment=OuterRef("environment"),
        region=OuterRef("region"),
        template_id=OuterRef("template_id"),
    )
    return LaunchTemplateVersion.objects.filter(Exists(templates)).select_related("environment")


def template_uses(image_id: str) -> tuple[TemplateUse, ...]:
    """The launch template versions that name an AMI, in every environment, the newest first. 1 query."""
    of_version = {name: OuterRef(name) for name in ("environment", "region", "template_id")}
    template = LaunchTemplate.objects.filter(HERE, **of_version)
    versions = LaunchTemplateVersion.objects.filter(image_id=image_id).annotate(
        its_name=Subquery(template.values("name")[:1]),
        its_default=Subquery(template.values("default_version")[:1]),
        its_latest=Subquery(template.values("latest_version")[:1]),
    )
    rows = versions.filter(its_name__isnull=False).order_by("environment__name", "region", "-version")
    return tuple(
        TemplateUse(environment, region, name, template_id, version, version in current)
        for environment, region, name, template_id, version, *current in rows.values_list(
            "environment__name",
            "region",
            "its_name",
            "template_id",
            "version",
            "its_default",
            "its_latest",
        )
    )


def copies(image: Image) -> QuerySet[Image]:
    """The same bake elsewhere: AMIs of this name and owner in other regions, or as other environments know them."""
    same = Image.objects.filter(HERE, name=image.name, owner=image.owner).exclude(image_id=image.image_id)
    found = same.select_related("environment").order_by("environment__name", "region", "id")
    return found if image.name else found.none()


def used() -> dict[str, str]:
    """Every AMI that a group, an instance or a launch template version names, with one that does. 3 queries."""
    found: dict[str, str] = {}
    for image_id, name, where, region, version in _versions():
        found[image_id] = f"version {version} of launch template {name} in {where} {region}"
    instances = Instance.objects.filter(HERE).exclude(image_id="").order_by("image_id", "instance_id")
    for image_id, name, where, region in instances.distinct("image_id").values_list(
        "image_id", "instance_id", "environment__name", "region"
    ):
        found[image_id] = f"instance {name} in {where} {region}"
    groups = Group.objects.filter(HERE).exclude(image_id="").order_by("image_id", "name")
    for image_id, name, where, region in groups.distinct("image_id").values_list(
        "image_id", "name", "environment__name", "region"
    ):
        found[image_id] = f"group {name} in {where} {region}"
    return found


def _versions() -> Iterator[tuple[str, str, str, str, int]]:
    rows = standing_versions().exclude(image_id="").order_by("image_id", "-version").distinct("image_id")
    for each in rows:
        yield each.image_id, each.template_id, each.environment.name, each.region, each.version


def unknown(now: datetime | None = None) -> dict[str, str]:
    """By region, why it is not wholly known what uses AMIs there; a region that is known is left out. 5 queries."""
    found: dict[str, str] = {}
    for region, why in _gaps(now or timezone.now()):
        found.setdefault(region, why)
    return found


def unknown_in(region: str) -> str:
    """The same of one region; empty where it is known. 5 queries at most."""
    return next((why for where, why in _gaps(timezone.now()) if where == region), "")


def _gaps(now: datetime) -> Iterator[tuple[str, str]]:
    """Regions with why, one after the other: nobody is asked for more than is wanted."""
    yield from _unread(now)
    yield from _unread_versions()
    yield from _by_parameter()
    yield from _of_configurations()


def _unread(now: datetime) -> Iterator[tuple[str, str]]:
    states: dict[tuple[int, str], dict[str, SyncState]] = defaultdict(dict)
    for state in SyncState.objects.filter(kind__in=NEEDED):
        states[state.environment_id, state.region][state.kind] = state
    late = timedelta(seconds=MISSED * settings.SYNC_SECONDS)
    for environment in Environment.objects.order_by("name"):
        for region in environment.regions:
            read = states[environment.pk, region]
            missing = [kind.value for kind in NEEDED if not _fresh(read.get(kind), now - late)]
            if missing:
                yield region, f"The {missing[0]} of {environment.name} in {region} could not be read lately."


def _fresh(state: SyncState | None, since: datetime) -> bool:
    return bool(state and not state.error and state.succeeded_at and state.succeeded_at >= since)


def _unread_versions() -> Iterator[tuple[str, str]]:
    behind = Q(versions_read_at__isnull=True) | Q(versions_read_to__lt=F("latest_version"))
    rows = LaunchTemplate.objects.filter(HERE, behind).select_related("environment").order_by("region", "name")
    for row in rows.distinct("region"):
        yield row.region, f"Not all versions of launch template {row.name} in {row.environment.name} were read yet."


def _by_parameter() -> Iterator[tuple[str, str]]:
    rows = standing_versions().filter(image_id__startswith=BY_PARAMETER).order_by("region", "template_id")
    for row in rows.distinct("region"):
        which = f"Version {row.version} of {row.template_id} in {row.environment.name} launches {row.image_id}"
        yield row.region, f"{which}: which AMI that is may change at any time."


def _of_configurations() -> Iterator[tuple[str, str]]:
    rows = Group.objects.filter(HERE, image_id="").select_related("environment").order_by("region", "name")
    for row in rows.distinct("region"):
        yield row.region, f"It is not known which AMI {row.name} in {row.environment.name} launches."


def images_of(environment: Environment, ids: Collection[str] | None = None) -> QuerySet[Image]:
    """The AMIs that an environment's account owns itself, oldest first."""
    own = Image.objects.filter(HERE, environment=environment, source=Image.Source.OWNED, owner=environment.account_id)
    rows = own if ids is None else own.filter(image_id__in=ids)
    return rows.order_by("created_at", "image_id")
