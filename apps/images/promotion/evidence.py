"""What speaks for a promotion, frozen as JSON: the build and its gates, what is inside, and where it serves."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from typing import Any

from apps.images.models import Bake, Build, Manifest
from apps.images.selectors import builds
from apps.inventory.models import Environment
from apps.inventory.selectors import image_use


def evidence(
    source: Environment, ids: Collection[str], bake: Bake | None, application: str, tags: Mapping[str, str]
) -> dict[str, Any]:
    """`ids` are the AMI and its copies, `tags` the AMI's. What is not known is null, or an empty list."""
    build = builds.of_image(application, next(iter(ids)), tags)
    return {
        "build": _build(build) if build else None,
        "bake": _bake(bake) if bake else None,
        "manifest": _manifest(bake.manifest) if bake and bake.manifest else None,
        "serves": _serves(source, ids),
    }


def _build(build: Build) -> dict[str, Any]:
    gates = [
        {"name": gate.name, "outcome": gate.outcome, "url": gate.url, "says": gate.says} for gate in build.gates.all()
    ]
    return {
        "id": build.pk,
        "says": str(build),
        "commit": build.commit,
        "number": build.number,
        "url": build.url,
        "gates": gates,
    }


def _bake(bake: Bake) -> dict[str, Any]:
    ended = bake.run.ended_at
    return {
        "id": bake.pk,
        "by": bake.actor,
        "base_image": bake.base_image,
        "ended_at": ended.isoformat(timespec="seconds") if ended else None,
    }


def _manifest(inside: Manifest) -> dict[str, Any]:
    """How much is in it, and a sum over all of it: whoever has the manifest can tell whether it is the same."""
    text = json.dumps([inside.packages, inside.files], sort_keys=True)
    return {
        "packages": len(inside.packages),
        "files": len(inside.files),
        "lost": inside.lost,
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "recorded_at": inside.recorded_at.isoformat(timespec="seconds"),
    }


def _serves(source: Environment, ids: Collection[str]) -> list[dict[str, Any]]:
    """The groups of the environment that launch it, those that serve first, as of the inventory's last read."""
    found = [use for uses in image_use.uses(ids).values() for use in uses if use.group.environment_id == source.pk]
    found.sort(key=lambda use: image_use.WEIGHT.index(use.does))
    return [
        {
            "group": use.group.name,
            "region": use.group.region,
            "does": use.does,
            "instances": use.group.instance_count,
            "since": use.group.created_at.isoformat(timespec="seconds"),
            "read_at": use.group.read_at.isoformat(timespec="seconds"),
        }
        for use in found
    ]
