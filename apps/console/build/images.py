"""Images as forms offer them, to be pushed or compared."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from apps.console import words
from apps.inventory.models import Cluster, Image
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


def choices_beside(image_id: str, application: str) -> tuple[tuple[str, str], ...]:
    """The other AMIs of an application, to compare one with; newest first. 1 query.

    Each is named once, wherever it is known, with a place where it is: copies of an image differ in nothing else.
    """
    if not application:
        return ()
    found = lists.images_once(lists.images().filter(application=application))[: OFFERED + 1]
    beside = (image for image in found if image.image_id != image_id)
    return tuple((image.image_id, _label(image, [f"{image.environment.name} {image.region}"])) for image in beside)


def _label(image: Image, places: list[str]) -> str:
    parts = [image.version or image.name or image.image_id]
    parts += [image.commit[:10]] if image.commit else []
    parts += [f"build {image.build}"] if image.build else []
    if image.created_at:
        parts.append(f"{words.coarse((timezone.now() - image.created_at).total_seconds())} old")
    parts += [", ".join(places)] if places else []
    return " · ".join(parts)
