"""Which other accounts may see and launch an image (launchPermission), and the image attributes one may change."""

from __future__ import annotations

import re
from typing import Any

from apps.localcloud.ec2.backend import backend
from apps.localcloud.ec2.encryption import key_of_aws
from apps.localcloud.ec2.images import Image, own_image
from apps.localcloud.ec2.tagging import forbid_dry_run
from apps.localcloud.errors import AwsError
from apps.localcloud.operations import Call, Result, operation


@operation("ec2", "ModifyImageAttribute")
def modify_image_attribute(call: Call) -> Result:
    """launchPermission (both spellings) and description."""
    image = own_image(call.cloud, call.account, call.region, call.params["ImageId"])
    add, remove = _wanted_permissions(call.params)
    for one in add + remove:
        _check(one)
    if add:
        _check_keys(image)
    forbid_dry_run(call.params)
    for one in add:
        _grant(image, one)
    for one in remove:
        _revoke(image, one)
    description = call.params.get("Description")
    if description is not None:
        image.description = str(description.get("Value") or "")
    elif call.params.get("Attribute") == "description":
        image.description = str(call.params.get("Value") or "")
    return None


def _wanted_permissions(params: Any) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    given = params.get("LaunchPermission") or {}
    add, remove = list(given.get("Add") or []), list(given.get("Remove") or [])
    listed = [{"UserId": one} for one in params.get("UserIds") or []]
    listed += [{"Group": one} for one in params.get("UserGroups") or []]
    if params.get("OperationType") == "remove":
        return add, remove + listed
    return add + listed, remove


def _check(permission: dict[str, str]) -> None:
    user, group = permission.get("UserId"), permission.get("Group")
    if user is not None and not re.fullmatch(r"\d{12}", user):
        raise AwsError("InvalidAMIAttributeItemValue", f'Invalid attribute item value "{user}" for userId item type.')
    if group is not None and group != "all":
        raise AwsError("InvalidAMIAttributeItemValue", f'Invalid attribute item value "{group}" for group item type.')


def _check_keys(image: Image) -> None:
    """Raises AwsError where AWS's own key encrypts one of its snapshots."""
    known = backend(image.owner_id, image.region).snapshots
    held = (known.get(one.get("Ebs", {}).get("SnapshotId") or "") for one in image.mappings)
    if any(snapshot is not None and key_of_aws(snapshot) for snapshot in held):
        text = "Snapshots encrypted with the AWS Managed CMK can't be shared. Specify another snapshot."
        raise AwsError("InvalidParameter", text)


def _grant(image: Image, permission: dict[str, str]) -> None:
    if permission.get("Group") == "all":
        image.public = True
    elif permission.get("UserId"):
        image.shared_with.add(permission["UserId"])


def _revoke(image: Image, permission: dict[str, str]) -> None:
    if permission.get("Group") == "all":
        image.public = False
    elif permission.get("UserId"):
        image.shared_with.discard(permission["UserId"])


@operation("ec2", "DescribeImageAttribute")
def describe_image_attribute(call: Call) -> Result:
    """launchPermission, description or blockDeviceMapping of an own image."""
    image = own_image(call.cloud, call.account, call.region, call.params["ImageId"])
    attribute = call.params["Attribute"]
    if attribute == "launchPermission":
        shared = [{"UserId": one} for one in sorted(image.shared_with)]
        return {"ImageId": image.id, "LaunchPermissions": shared + ([{"Group": "all"}] if image.public else [])}
    if attribute == "description":
        return {"ImageId": image.id, "Description": {"Value": image.description}}
    if attribute == "blockDeviceMapping":
        return {"ImageId": image.id, "BlockDeviceMappings": image.mappings}
    raise AwsError("InvalidRequest", f"The attribute '{attribute}' is not offered by the embedded cloud")


@operation("ec2", "ResetImageAttribute")
def reset_image_attribute(call: Call) -> Result:
    """Takes every launch permission back."""
    image = own_image(call.cloud, call.account, call.region, call.params["ImageId"])
    image.shared_with.clear()
    image.public = False
    return None
