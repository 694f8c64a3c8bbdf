"""Images: an AMI is a directory tree in the work folder, and who may see and launch it."""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from apps.localcloud.cloud import Cloud, now
from apps.localcloud.ec2.backend import backend
from apps.localcloud.ec2.encryption import arn_of
from apps.localcloud.errors import AwsError

_VOLUME_GIB = 8


@dataclass
class Image:
    """moto reads some of these by name (`id`, `architecture`, `platform`, `root_device_name`, ...)."""

    id: str
    owner_id: str
    region: str
    name: str
    description: str = ""
    architecture: str = "x86_64"
    root_device_name: str = "/dev/xvda"
    virtualization_type: str = "hvm"
    platform: str | None = None
    kernel_id: str | None = None
    state: str = "pending"
    state_reason: str = ""
    created: datetime = field(default_factory=now)
    location: str = ""
    public: bool = False
    shared_with: set[str] = field(default_factory=set)
    mappings: list[dict[str, Any]] = field(default_factory=list)  # BlockDeviceMappings as described
    source_instance: str | None = None
    source_image: tuple[str, str] | None = None  # (image id, region) it was copied from
    made_of: tuple[str, str] | None = None  # (image id, region): its instance's, or that it was copied from
    extra: dict[str, Any] = field(default_factory=dict)  # described as given: ImdsSupport, BootMode, ...

    def visible_to(self, account: str) -> bool:
        return self.owner_id == account or self.public or account in self.shared_with


@dataclass
class Images:
    """All images of a region, of every account."""

    by_id: dict[str, Image] = field(default_factory=dict)
    deregistered: set[str] = field(default_factory=set)


def images(cloud: Cloud, region: str) -> Images:
    return cloud.state(Images, "", region)


def visible_image(cloud: Cloud, account: str, region: str, image_id: str) -> Image | None:
    found = images(cloud, region).by_id.get(image_id)
    return found if found is not None and found.visible_to(account) else None


def require_image(cloud: Cloud, account: str, region: str, image_id: str) -> Image:
    """The image if `account` may see it. Raises AwsError as EC2 does: another's image looks like none."""
    if not re.fullmatch(r"ami-[0-9a-f]{8,17}", image_id):
        raise AwsError("InvalidAMIID.Malformed", f'Invalid id: "{image_id}" (expecting "ami-...")')
    found = visible_image(cloud, account, region, image_id)
    if found is None:
        raise AwsError("InvalidAMIID.NotFound", f"The image id '[{image_id}]' does not exist")
    return found


def own_image(cloud: Cloud, account: str, region: str, image_id: str) -> Image:
    """The image if `account` owns it. Raises AwsError."""
    found = require_image(cloud, account, region, image_id)
    if found.owner_id != account:
        raise AwsError("AuthFailure", f"Not authorized for image {image_id}", 403)
    return found


def tree(cloud: Cloud, image: Image) -> Path:
    """The folder that holds the image's content."""
    return cloud.work / "images" / f"{image.owner_id}-{image.region}-{image.id}"


def copy_tree(source: Path, destination: Path) -> None:
    """Copies a folder so that it appears whole or not at all."""
    unfinished = destination.with_name(destination.name + ".part")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(source, unfinished, symlinks=True)
    unfinished.rename(destination)


def add_image(cloud: Cloud, image: Image, tags: dict[str, str], snapshot_tags: dict[str, str]) -> Image:
    """Records `image`, its tags, and a snapshot for each device that names none. Raises AwsError for a taken name."""
    known = images(cloud, image.region)
    if any(one.owner_id == image.owner_id and one.name == image.name for one in known.by_id.values()):
        raise AwsError(
            "InvalidAMIName.Duplicate",
            f"AMI name {image.name} is already in use by AMI {_holder(known.by_id.values(), image)}",
        )
    known.by_id[image.id] = image
    home = backend(image.owner_id, image.region)
    listed: dict[str, Any] = home.amis
    listed[image.id] = image  # moto refuses to delete the snapshots of what is listed there
    home.create_tags([image.id], tags)
    if not image.mappings:
        image.mappings = [{"DeviceName": image.root_device_name, "Ebs": {"VolumeSize": _VOLUME_GIB}}]
    for mapping in image.mappings:
        if "Ebs" in mapping:
            _complete(home, image, mapping["Ebs"], snapshot_tags)
    return image


def _holder(existing: Iterable[Image], image: Image) -> str:
    return next(one.id for one in existing if one.owner_id == image.owner_id and one.name == image.name)


def _complete(home: Any, image: Image, ebs: dict[str, Any], snapshot_tags: dict[str, str]) -> None:
    ebs.setdefault("VolumeSize", _VOLUME_GIB)
    ebs.setdefault("VolumeType", "gp3")
    ebs.setdefault("DeleteOnTermination", True)
    ebs.setdefault("Encrypted", False)
    if "SnapshotId" not in ebs:
        zone = home.describe_availability_zones()[0].name
        named = ebs.pop("KmsKeyId", None)  # DescribeImages does not tell it
        key = arn_of(home.account_id, home.region_name, named) if named else None
        ebs["Encrypted"] = bool(ebs["Encrypted"] or key or home.ebs_encryption_by_default)
        volume = home.create_volume(ebs["VolumeSize"], zone, encrypted=ebs["Encrypted"], kms_key_id=key)
        snapshot = home.create_snapshot(volume.id, f"Created for {image.id}", from_ami=image.id)
        snapshot.kms_key_id = volume.kms_key_id  # moto forgets it
        home.delete_volume(volume.id)
        home.create_tags([snapshot.id], snapshot_tags)
        ebs["SnapshotId"] = snapshot.id


def new_image_id() -> str:
    return f"ami-{secrets.token_hex(9)[:17]}"


def forget_image(cloud: Cloud, image: Image) -> None:
    """Deregisters: the tree goes, running instances keep their copy, snapshots stay (as on AWS)."""
    known = images(cloud, image.region)
    known.by_id.pop(image.id, None)
    known.deregistered.add(image.id)
    backend(image.owner_id, image.region).amis.pop(image.id, None)
    remove(tree(cloud, image))


def remove(folder: Path) -> None:
    """Removes what an image held."""
    shutil.rmtree(folder, ignore_errors=True)
