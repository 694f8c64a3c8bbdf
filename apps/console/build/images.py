"""Images as the push form offers them, and what differs between two."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.utils import timezone

from apps.console import words
from apps.inventory.models import Cluster, Environment, Group, Image
from apps.inventory.selectors import lists

OFFERED = 50


def choices_for(cluster: Cluster) -> list[tuple[str, str]]:
    """AMI ids with version, commit, build, age and where each runs; newest first."""
    offered = list(lists.images_for(cluster.application.name, cluster.environment, cluster.region)[:OFFERED])
    places = where_run(image.image_id for image in offered)
    return [(image.image_id, _label(image, places[image.image_id])) for image in offered]


def where_run(ids: Iterable[str]) -> dict[str, list[str]]:
    """The environments and regions in which groups launch each AMI."""
    found: dict[str, list[str]] = defaultdict(list)
    rows = (
        Group.objects.filter(image_id__in=list(ids), gone_at__isnull=True, instance_count__gt=0)
        .order_by("image_id", "environment__name", "region")
        .values_list("image_id", "environment__name", "region")
        .distinct()
    )
    for image_id, environment, region in rows:
        found[image_id].append(f"{environment} {region}")
    return found


def differences(environment: Environment, region: str, before: str, after: str) -> list[tuple[str, str, str]]:
    """What the inventory knows to differ between two AMIs: name, value before, value after."""
    images = lists.images_by_id(environment, region, {before, after})
    if before not in images or after not in images:
        return []
    old, new = _described(images[before]), _described(images[after])
    names = list(dict.fromkeys([*old, *new]))
    return [(name, old.get(name, ""), new.get(name, "")) for name in names if old.get(name, "") != new.get(name, "")]


def _label(image: Image, places: list[str]) -> str:
    parts = [image.version or image.name or image.image_id]
    parts += [image.commit[:10]] if image.commit else []
    parts += [f"build {image.build}"] if image.build else []
    if image.created_at:
        parts.append(f"{words.coarse((timezone.now() - image.created_at).total_seconds())} old")
    parts += [f"runs in {', '.join(places)}"] if places else []
    return " · ".join(parts)


def _described(image: Image) -> dict[str, str]:
    return {
        "Commit": image.commit,
        "Build": image.build,
        "Architecture": image.architecture,
        **{f"Tag {name}": value for name, value in sorted(image.tags.items()) if name not in _SHOWN},
    }


_SHOWN = {"version", "commit", "build", "appversion", "application", "Name"}
