"""Reading recipes and base images."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from apps.images.models import BaseImage, Recipe


def base_images() -> QuerySet[BaseImage]:
    """All base images that were ever approved, newest first."""
    return BaseImage.objects.select_related("environment").order_by("-id")


def base_names(image_ids: Iterable[str]) -> dict[str, str]:
    """What those of the AMIs that were ever approved are called, by id, as "debian-12 12.1"; the last approval counts.

    1 query; none for no ids.
    """
    rows = BaseImage.objects.filter(image_id__in=set(image_ids)).order_by("id")
    return {row.image_id: f"{row.name} {row.version}".strip() for row in rows}


def latest_base(environment: str, region: str, name: str, architecture: str) -> BaseImage | None:
    """The AMI that was approved last under a name for an architecture, and was not withdrawn."""
    return _standing(environment, region, name, architecture).order_by("-id").first()


def standing_bases(environment: str, region: str, architecture: str) -> list[str]:
    """The names under which something may be baked upon there, for an architecture, by name."""
    standing = base_images().filter(environment__name=environment, region=region, architecture=architecture)
    names = standing.filter(withdrawn_at__isnull=True).order_by("name").values_list("name", flat=True)
    return list(names.distinct())


def pinned_base(environment: str, region: str, name: str, architecture: str, image_id: str) -> BaseImage | None:
    """That AMI, if it is approved under the name for the architecture."""
    return _standing(environment, region, name, architecture).filter(image_id=image_id).first()


def recipe_of(application: str) -> Recipe | None:
    """How an application's images are made, if somebody said so."""
    rows = Recipe.objects.select_related("application", "environment")
    return rows.filter(application__name=application).first()


def _standing(environment: str, region: str, name: str, architecture: str) -> QuerySet[BaseImage]:
    return BaseImage.objects.filter(
        environment__name=environment,
        region=region,
        name=name,
        architecture=architecture,
        withdrawn_at__isnull=True,
    )
