"""What fails because a tag `fault` says so, for tests: health checks where nothing runs that could fail them (lite
mode), and images that never become available.

An instance says so by its own tag; else its image by the same tag, by a `version` that ends in the fault's name, or by
the release.json in its tree, as the sample service's images do. Tags may come and go while instances run.

An image that is being made fails if what it is made of, at whatever remove, has the tag: `create_fails`, `copy_fails`,
or `copy_fails:eu-west-1` for copies into that region alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from apps.localcloud.cloud import Cloud
from apps.localcloud.ec2.backend import backend
from apps.localcloud.ec2.images import Image, images
from apps.localcloud.ec2.machines import Machine, machines
from apps.localcloud.ec2.tagging import tags_of

TAG = "fault"
NEVER_HEALTHY = "never_healthy"
CREATE_FAILS, COPY_FAILS = "create_fails", "copy_fails"


@dataclass
class _Built:
    """By image id: a tree does not change, and its instances outlive it."""

    faulty: dict[str, bool] = field(default_factory=dict)


def never_healthy(cloud: Cloud, instance_id: str) -> bool:
    """Whether the instance fails its health checks; what is no instance does not."""
    machine = machines(cloud).by_id.get(instance_id)
    if machine is None:
        return False
    own = tags_of(backend(machine.account, machine.region), machine.id).get(TAG)
    if own is not None:
        return own == NEVER_HEALTHY
    known = cloud.state(_Built, "", "").faulty
    if machine.image_id not in known:
        known[machine.image_id] = _built_faulty(machine.spec.image)
    return known[machine.image_id] or _tagged_faulty(cloud, machine)


def _tagged_faulty(cloud: Cloud, machine: Machine) -> bool:
    image = images(cloud, machine.region).by_id.get(machine.image_id)
    if image is None:
        return False
    tags = tags_of(backend(image.owner_id, image.region), image.id)
    return tags.get(TAG) == NEVER_HEALTHY or tags.get("version", "").endswith(NEVER_HEALTHY)


def _built_faulty(tree: Path) -> bool:
    try:
        release = json.loads((tree / "release.json").read_text())
    except (OSError, ValueError):
        return False
    faults = release.get("faults") if isinstance(release, dict) else None
    return isinstance(faults, dict) and faults.get("healthy") is False


def image_failure(cloud: Cloud, image: Image) -> str:
    """Why an image that is being made ends as failed; empty for one that does not."""
    wanted = {COPY_FAILS, f"{COPY_FAILS}:{image.region}"} if image.source_image else {CREATE_FAILS}
    told = [fault for fault in _of_origins(cloud, image) if fault in wanted]
    return f"Server.InternalError: what it is made of has the tag {TAG}, {told[0]}" if told else ""


def _of_origins(cloud: Cloud, image: Image) -> Iterator[str]:
    """What the tags say of what an image is made of: its instance, that one's image, what that was made of."""
    home = backend(image.owner_id, image.region)
    yield tags_of(home, image.source_instance or "").get(TAG, "")
    origin: Image | None = image
    while origin is not None and origin.made_of is not None:
        image_id, region = origin.made_of
        origin = images(cloud, region).by_id.get(image_id)
        if origin is not None:
            yield tags_of(backend(origin.owner_id, region), image_id).get(TAG, "")
