"""Images as DescribeImages shows and filters them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from apps.localcloud.cloud import Cloud
from apps.localcloud.ec2.backend import backend
from apps.localcloud.ec2.filters import Getter
from apps.localcloud.ec2.images import Image, images, visible_image
from apps.localcloud.ec2.tagging import tag_list, tags_of
from apps.localcloud.errors import AwsError
from apps.localcloud.wire import Params

GETTERS: dict[str, Getter[Image]] = {
    "architecture": lambda one: [one.architecture],
    "creation-date": lambda one: [one.created.strftime("%Y-%m-%dT%H:%M:%S.000Z")],
    "description": lambda one: [one.description],
    "image-id": lambda one: [one.id],
    "image-type": lambda _: ["machine"],
    "is-public": lambda one: [str(one.public).lower()],
    "name": lambda one: [one.name],
    "owner-id": lambda one: [one.owner_id],
    "root-device-type": lambda _: ["ebs"],
    "source-image-id": lambda one: [one.source_image[0]] if one.source_image else [],
    "source-instance-id": lambda one: [one.source_instance] if one.source_instance else [],
    "state": lambda one: [one.state],
    "virtualization-type": lambda one: [one.virtualization_type],
    "block-device-mapping.snapshot-id": lambda one: [
        str(mapping["Ebs"].get("SnapshotId")) for mapping in one.mappings if "Ebs" in mapping
    ],
}


def image_tags(image: Image, account: str) -> dict[str, str]:
    """Tags are those of the account that looks: another that an image is shared with sees its own, not the owner's."""
    return tags_of(backend(account, image.region), image.id)


def view(image: Image, account: str) -> dict[str, Any]:
    """The image as `account` sees it."""
    shown: dict[str, Any] = {
        "ImageId": image.id,
        "Name": image.name,
        "Description": image.description or None,
        "OwnerId": image.owner_id,
        "State": image.state,
        "Architecture": image.architecture,
        "CreationDate": image.created.strftime("%Y-%m-%dT%H:%M:%S.") + f"{image.created.microsecond // 1000:03d}Z",
        "ImageLocation": image.location or f"{image.owner_id}/{image.name}",
        "ImageType": "machine",
        "Public": image.public,
        "PlatformDetails": "Linux/UNIX",
        "UsageOperation": "RunInstances",
        "Hypervisor": "xen",
        "EnaSupport": True,
        "RootDeviceName": image.root_device_name,
        "RootDeviceType": "ebs",
        "VirtualizationType": image.virtualization_type,
        "BlockDeviceMappings": image.mappings,
        "Tags": tag_list(image_tags(image, account)),
        "SourceInstanceId": image.source_instance,
        **image.extra,
    }
    if image.source_image:
        shown["SourceImageId"], shown["SourceImageRegion"] = image.source_image
    if image.state == "failed":
        shown["StateReason"] = {"Code": "Server.InternalError", "Message": image.state_reason}
    return {key: value for key, value in shown.items() if value is not None}


def chosen(cloud: Cloud, account: str, region: str, params: Params) -> list[Image]:
    """The images that ImageIds, Owners and ExecutableUsers choose. Raises AwsError for an id that is not seen."""
    ids = params.get("ImageIds") or []
    if ids:
        found = [_by_id(cloud, account, region, one) for one in ids]
        candidates: Iterable[Image] = [one for one in found if one is not None]
    else:
        candidates = [one for one in images(cloud, region).by_id.values() if one.visible_to(account)]
    owners = {account if one == "self" else one for one in params.get("Owners") or []}
    users = {account if one == "self" else one for one in params.get("ExecutableUsers") or []}
    return [
        one
        for one in candidates
        if (not owners or one.owner_id in owners) and (not users or _executable_by(one, users))
    ]


def _executable_by(image: Image, users: set[str]) -> bool:
    return bool(users & image.shared_with) or ("all" in users and image.public)


def _by_id(cloud: Cloud, account: str, region: str, image_id: str) -> Image | None:
    found = visible_image(cloud, account, region, image_id)
    if found is None and image_id not in images(cloud, region).deregistered:
        if not image_id.startswith("ami-"):
            raise AwsError("InvalidAMIID.Malformed", f'Invalid id: "{image_id}" (expecting "ami-...")')
        raise AwsError("InvalidAMIID.NotFound", f"The image id '[{image_id}]' does not exist")
    return found
