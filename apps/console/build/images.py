"""Images as the push form offers them, and what differs between two."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from apps.console import words
from apps.inventory.models import Cluster, Environment, Image
from apps.inventory.selectors import image_use, lists

OFFERED = 50


def choices_for(cluster: Cluster) -> list[tuple[str, str]]:
    """AMI ids with version, commit, build, age and where each runs; newest first."""
    offered = list(lists.images_for(cluster.application.name, cluster.environment, cluster.region)[:OFFERED])
    places = where_run(image.image_id for image in offered)
    return [(image.image_id, _label(image, places[image.image_id])) for image in offered]


def where_run(ids: Iterable[str]) -> dict[str, list[str]]:
    """What the groups that launch each AMI do, and where: "serves in prod us-east-1", "stands by in …"."""
    found: dict[str, list[str]] = {}
    for image_id, uses in image_use.uses(set(ids)).items():
        said: dict[str, str] = {}
        for use in uses:  # the weightiest first
            if use.group.instance_count:
                said.setdefault(f"{use.group.environment.name} {use.group.region}", use.does)
        found[image_id] = [f"{does} in {place}" for place, does in sorted(said.items())]
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
    parts += [", ".join(places)] if places else []
    return " · ".join(parts)


def _described(image: Image) -> dict[str, str]:
    return {
        "Commit": image.commit,
        "Build": image.build,
        "Architecture": image.architecture,
        **{f"Tag {name}": value for name, value in sorted(image.tags.items()) if name not in _SHOWN},
    }


_SHOWN = {"version", "commit", "build", "appversion", "application", "Name"}
