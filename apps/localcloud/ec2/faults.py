"""Which instances answer their health checks badly where nothing runs that could (lite mode).

An instance says so by its own tag `fault`; else its image by the same tag, by a `version` that ends in the fault's
name, or by the release.json in its tree, as the sample service's images do. Tags may come and go while instances run.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from apps.localcloud.cloud import Cloud
from apps.localcloud.ec2.backend import backend
from apps.localcloud.ec2.images import images
from apps.localcloud.ec2.machines import Machine, machines
from apps.localcloud.ec2.tagging import tags_of

TAG = "fault"
NEVER_HEALTHY = "never_healthy"


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
