"""Images as the push form offers them, and what differs between two."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Prefetch
from django.utils import timezone

from apps.console import words
from apps.inventory.models import Cluster, Environment, Group, Image, Instance
from apps.inventory.selectors import lists

OFFERED = 50
DOES = ["serves", "fails", "runs", "stands by"]  # the weightiest first


def choices_for(cluster: Cluster) -> list[tuple[str, str]]:
    """AMI ids with version, commit, build, age and where each runs; newest first."""
    offered = list(lists.images_for(cluster.application.name, cluster.environment, cluster.region)[:OFFERED])
    places = where_run(image.image_id for image in offered)
    return [(image.image_id, _label(image, places[image.image_id])) for image in offered]


def where_run(ids: Iterable[str]) -> dict[str, list[str]]:
    """What the groups that launch each AMI do, and where: "serves in prod us-east-1", "stands by in …"."""
    groups = (
        Group.objects.filter(image_id__in=list(ids), gone_at__isnull=True, instance_count__gt=0)
        .select_related("environment")
        .prefetch_related(Prefetch("instances", Instance.objects.filter(gone_at__isnull=True)))
        .order_by("image_id", "environment__name", "region")
    )
    done: dict[tuple[str, str], set[str]] = defaultdict(set)
    for group in groups:
        done[group.image_id, f"{group.environment.name} {group.region}"].add(_does(group))
    found: dict[str, list[str]] = defaultdict(list)
    for (image_id, place), said in done.items():
        found[image_id].append(f"{min(said, key=DOES.index)} in {place}")
    return found


def _does(group: Group) -> str:
    """In a word or two, by the target groups that list its instances as healthy."""
    attached = {each["identifier"] for each in group.traffic_sources}
    states = {
        health["state"]
        for instance in group.instances.all()
        for arn, health in instance.target_health.items()
        if arn in attached
    }
    if "healthy" in states:
        return "serves"
    if "unhealthy" in states:
        return "fails"
    return "runs" if attached and not states else "stands by"  # no target group was asked yet, or lists it


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
