"""The EC2 operations on images: register, create from an instance, copy, share, describe, deregister."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from apps.localcloud.cloud import Cloud
from apps.localcloud.ec2 import faults, filters
from apps.localcloud.ec2.backend import backend
from apps.localcloud.ec2.encryption import arn_of
from apps.localcloud.ec2.image_view import GETTERS, chosen, image_tags, view
from apps.localcloud.ec2.images import (
    Image,
    add_image,
    copy_tree,
    forget_image,
    images,
    new_image_id,
    own_image,
    require_image,
    tree,
)
from apps.localcloud.ec2.machines import Machine, machines
from apps.localcloud.ec2.tagging import forbid_dry_run, specified_tags
from apps.localcloud.ec2.tokens import made_before, remember
from apps.localcloud.errors import AwsError
from apps.localcloud.operations import Call, Result, operation

SCHEME = "localcloud:"
CREATED = "#created="
_ARCHITECTURES = ("i386", "x86_64", "arm64", "x86_64_mac", "arm64_mac")
_NAME = re.compile(r"^[A-Za-z0-9()\[\] ./\-'@_]{3,128}$")


def _check_name(name: str) -> None:
    if not _NAME.match(name):
        raise AwsError(
            "InvalidAMIName.Malformed",
            "AMI names must be between 3 and 128 characters long, and may contain letters, numbers, '(', ')', '.', '-',"
            " '/' and '_'",
        )


@operation("ec2", "RegisterImage")
def register_image(call: Call) -> Result:
    """A new image. Its content is the folder that ImageLocation names as localcloud:/absolute/path, or that of the
    image whose snapshot it is made from; with neither it is empty. `#created=2026-11-05T11:15:52Z` after the path
    gives it an age, as an image in an account that was used for long has one.
    """
    params = call.params
    name = params.get("Name") or ""
    _check_name(name)
    architecture = params.get("Architecture") or "i386"
    if architecture not in _ARCHITECTURES:
        raise AwsError("InvalidParameterValue", f"Value ({architecture}) for parameter architecture is invalid.")
    tags = specified_tags(params, ("image", "snapshot"))
    location, _, created = (params.get("ImageLocation") or "").partition(CREATED)
    source = _source_folder(call, location)
    forbid_dry_run(params)
    kept = ("BootMode", "ImdsSupport", "TpmSupport", "SriovNetSupport")
    image = Image(
        id=new_image_id(),
        owner_id=call.account,
        region=call.region,
        name=name,
        description=params.get("Description") or "",
        architecture=architecture,
        root_device_name=params.get("RootDeviceName") or "/dev/xvda",
        virtualization_type=params.get("VirtualizationType") or "hvm",
        state="available",
        location=location,
        mappings=deepcopy(params.get("BlockDeviceMappings") or []),
        extra={key: params[key] for key in kept if params.get(key)},
        created=_moment(created) if created else datetime.now(UTC),
    )
    add_image(call.cloud, image, tags.get("image", {}), tags.get("snapshot", {}))
    if source is None:
        tree(call.cloud, image).mkdir(parents=True)
    else:
        copy_tree(source, tree(call.cloud, image))
    return {"ImageId": image.id}


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError as error:
        raise AwsError("InvalidManifest", f"'{text}' is no moment as 2026-11-05T11:15:52Z") from error


def _source_folder(call: Call, location: str) -> Path | None:
    if location:
        folder = Path(location.removeprefix(SCHEME))
        if not location.startswith(SCHEME) or not folder.is_absolute() or not folder.is_dir():
            raise AwsError(
                "InvalidManifest",
                f"ImageLocation must be {SCHEME} and the absolute path of a folder here, not '{location}'",
            )
        return folder
    wanted = {mapping.get("Ebs", {}).get("SnapshotId") for mapping in call.params.get("BlockDeviceMappings") or []} - {
        None
    }
    for image in images(call.cloud, call.region).by_id.values():
        held = {mapping.get("Ebs", {}).get("SnapshotId") for mapping in image.mappings}
        if wanted & held and image.owner_id == call.account:
            return tree(call.cloud, image)
    return None


@operation("ec2", "CreateImage")
def create_image(call: Call) -> Result:
    """An image of an instance, running or stopped, as it is now; pending for a while."""
    params = call.params
    _check_name(params["Name"])
    machine = machines(call.cloud).find(call.account, call.region, params["InstanceId"])
    if machine is None:
        raise AwsError("InvalidInstanceID.NotFound", f"The instance ID '{params['InstanceId']}' does not exist")
    if machine.state not in ("running", "stopped"):
        raise AwsError(
            "IncorrectState",
            f"Instance {machine.id} is not in a state from which an image can be made: {machine.state}",
        )
    tags = specified_tags(params, ("image", "snapshot"))
    forbid_dry_run(params)
    image = Image(
        id=new_image_id(),
        owner_id=call.account,
        region=call.region,
        name=params["Name"],
        description=params.get("Description") or "",
        architecture=machine.moto.architecture,
        root_device_name=machine.moto.root_device_name,
        mappings=_encrypted_root(machine),
        source_instance=machine.id,
        made_of=(machine.image_id, call.region),
    )
    add_image(call.cloud, image, tags.get("image", {}), tags.get("snapshot", {}))
    _fill(call.cloud, image, partial(call.cloud.fleet.capture, machine.id))
    return {"ImageId": image.id}


def _encrypted_root(machine: Machine) -> list[dict[str, Any]]:
    """The root device of an image of a machine, where that one's is encrypted: with the same key. Else nothing."""
    for name, block in machine.moto.get_block_device_mapping:
        volume = backend(machine.account, machine.region).volumes.get(block.volume_id)
        if name == machine.moto.root_device_name and volume is not None and volume.encrypted:
            return [{"DeviceName": name, "Ebs": {"Encrypted": True, "KmsKeyId": volume.kms_key_id}}]
    return []


@operation("ec2", "CopyImage")
def copy_image(call: Call) -> Result:
    """A copy of an image of any region that the caller may see; tags only if CopyImageTags asks for them."""
    params = call.params
    _check_name(params["Name"])
    begun = made_before(call, among="copies")
    if begun:
        return {"ImageId": begun[0]}
    source = require_image(call.cloud, call.account, params["SourceRegion"], params["SourceImageId"])
    tags = specified_tags(params, ("image", "snapshot"))
    if source.state != "available":
        raise AwsError("InvalidAMIID.Unavailable", f"The image ID '{source.id}' is not available")
    key = arn_of(call.account, call.region, params["KmsKeyId"]) if params.get("KmsKeyId") else ""
    forbid_dry_run(params)
    copied = image_tags(source, call.account) if params.get("CopyImageTags") else {}
    image = Image(
        id=new_image_id(),
        owner_id=call.account,
        region=call.region,
        name=params["Name"],
        description=params.get("Description") or source.description,
        architecture=source.architecture,
        root_device_name=source.root_device_name,
        virtualization_type=source.virtualization_type,
        mappings=[_copied(one, encrypted=bool(params.get("Encrypted")), key=key) for one in source.mappings],
        source_image=(source.id, source.region),
        made_of=(source.id, source.region),
        extra=dict(source.extra),
    )
    all_tags = {**{key: value for key, value in copied.items() if not key.startswith("aws:")}, **tags.get("image", {})}
    add_image(call.cloud, image, all_tags, tags.get("snapshot", {}))
    remember(call, (image.id,), among="copies")
    _fill(call.cloud, image, partial(copy_tree, tree(call.cloud, source)))
    return {"ImageId": image.id}


def _copied(mapping: dict[str, Any], *, encrypted: bool, key: str) -> dict[str, Any]:
    """The device as a copy has it: encrypted where its source is, or where that is asked for."""
    copied = deepcopy(mapping)
    ebs = copied.get("Ebs")
    if ebs is not None:
        ebs.pop("SnapshotId", None)
        ebs["Encrypted"] = bool(ebs.get("Encrypted") or encrypted)
        if key:
            ebs["KmsKeyId"] = key
    return copied


def _fill(cloud: Cloud, image: Image, fill: Callable[[Path], None]) -> None:
    """Fills the image's folder now; when its time has passed it is available, or failed with the reason."""
    try:
        fill(tree(cloud, image))
    except (KeyError, OSError, shutil.Error) as error:
        image.state_reason = f"Server.InternalError: {error}"
    cloud.scheduler.after(cloud.options.image_seconds, partial(_finish, cloud, image))


def _finish(cloud: Cloud, image: Image) -> None:
    image.state_reason = image.state_reason or faults.image_failure(cloud, image)
    image.state = "failed" if image.state_reason else "available"


@operation("ec2", "DeregisterImage")
def deregister_image(call: Call) -> Result:
    """The image can be launched no more. DeleteAssociatedSnapshots removes its snapshots too."""
    image = own_image(call.cloud, call.account, call.region, call.params["ImageId"])
    forbid_dry_run(call.params)
    forget_image(call.cloud, image)
    results = []
    if call.params.get("DeleteAssociatedSnapshots"):
        home = backend(call.account, call.region)
        for mapping in image.mappings:
            snapshot = mapping.get("Ebs", {}).get("SnapshotId")
            if snapshot:
                home.delete_snapshot(snapshot)
                results.append({"SnapshotId": snapshot, "ReturnCode": "success"})
    return {"Return": True, "DeleteSnapshotResults": results}


@operation("ec2", "DescribeImages")
def describe_images(call: Call) -> Result:
    """Own, public and shared images."""
    found = filters.select(
        chosen(call.cloud, call.account, call.region, call.params),
        call.params.get("Filters") or [],
        GETTERS,
        lambda image: image_tags(image, call.account),
    )
    shown, token = filters.page(found, call.params, default=1000)
    return {"Images": [view(image, call.account) for image in shown], "NextToken": token}


@operation("ec2", "DisableImage", "EnableImage", "DescribeImageUsageReports")
def refuse(call: Call) -> Result:
    """Not offered: nothing of ours asks for it, and moto does not know our images."""
    raise AwsError("UnsupportedOperation", "The embedded cloud does not offer this operation on images.")
