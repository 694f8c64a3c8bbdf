"""EC2: AMIs of our own making: from a machine, from another region's copy, and their end. Reading lists is `ec2`'s."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

from apps.cloud.aws.ec2_shapes import image_state
from apps.cloud.aws.session import call, pages
from apps.cloud.aws.shapes import tag_list
from apps.cloud.errors import NotFound
from apps.cloud.values import ImageState, Target

SERVICE = "ec2"


def create_image(target: Target, instance: str, *, name: str, description: str, tags: Mapping[str, str]) -> str:
    """CreateImage of a machine, stopped or running; the id of the AMI, which is pending for minutes.

    `tags` are the AMI's and its snapshots'. No client token: took effect if named_image finds it. Raises
    AlreadyExists when the account has an AMI of this name in the region.
    """
    answer = call(
        target,
        SERVICE,
        "CreateImage",
        InstanceId=instance,
        Name=name,
        Description=description or None,
        TagSpecifications=_tagged(tags),
    )
    return str(answer["ImageId"])


def named_image(target: Target, name: str) -> ImageState | None:
    """The account's own AMI of this name, in whatever state; None where AWS shows none. Names are taken once."""
    filters = [{"Name": "name", "Values": [name]}]
    for answer in pages(target, SERVICE, "DescribeImages", Owners=["self"], Filters=filters, IncludeDisabled=True):
        for shape in answer["Images"]:
            return image_state(shape)
    return None


def copy_image(
    target: Target,
    *,
    source_region: str,
    image_id: str,
    name: str,
    description: str,
    token: str,
    tags: Mapping[str, str],
) -> str:
    """CopyImage from another region into the target's; the id of the copy, which is pending for minutes.

    `tags` are the copy's and its snapshots'; none of the source's come with it. Takes a client token (at most 64
    characters): a repeat with the same one answers the copy already begun. Took effect if named_image finds it.
    A copy that fails later is told by its state `failed` and its state_reason.
    """
    answer = call(
        target,
        SERVICE,
        "CopyImage",
        SourceRegion=source_region,
        SourceImageId=image_id,
        Name=name,
        Description=description or None,
        ClientToken=token,
        TagSpecifications=_tagged(tags),
    )
    return str(answer["ImageId"])


def deregister(target: Target, image_id: str) -> None:
    """DeregisterImage; its snapshots stay. Repeating it is harmless; an AMI that is gone is passed over."""
    with contextlib.suppress(NotFound):
        call(target, SERVICE, "DeregisterImage", ImageId=image_id)


def delete_snapshot(target: Target, snapshot_id: str) -> None:
    """DeleteSnapshot; one that is gone is passed over. Raises InUse as long as an AMI is made of it."""
    with contextlib.suppress(NotFound):
        call(target, SERVICE, "DeleteSnapshot", SnapshotId=snapshot_id)


def _tagged(tags: Mapping[str, str]) -> list[dict[str, object]] | None:
    kinds = ("image", "snapshot")
    return [{"ResourceType": kind, "Tags": tag_list(tags)} for kind in kinds] if tags else None
