"""Which other accounts may make volumes of a snapshot (createVolumePermission)."""

from __future__ import annotations

import re
from typing import Any

from apps.localcloud.ec2.backend import backend
from apps.localcloud.ec2.encryption import key_of_aws
from apps.localcloud.ec2.tagging import forbid_dry_run
from apps.localcloud.errors import AwsError
from apps.localcloud.operations import Call, Result, operation


@operation("ec2", "ModifySnapshotAttribute")
def modify_snapshot_attribute(call: Call) -> Result:
    """createVolumePermission, in both spellings. What AWS's own key encrypts is shared with nobody."""
    snapshot = _own(call)
    add, remove = _wanted(call.params)
    if add and key_of_aws(snapshot):
        raise AwsError("OperationNotPermitted", "Encrypted snapshots with EBS default key cannot be shared")
    forbid_dry_run(call.params)
    for user in (*add, *remove):
        if not re.fullmatch(r"\d{12}", user):
            raise AwsError("InvalidParameterValue", f"Invalid value '{user}' for userId")
    snapshot.create_volume_permission_userids.update(add)
    snapshot.create_volume_permission_userids.difference_update(remove)
    return None


def _wanted(params: Any) -> tuple[list[str], list[str]]:
    given = params.get("CreateVolumePermission") or {}
    add, remove = (
        [str(one["UserId"]) for one in given.get(name) or [] if one.get("UserId")] for name in ("Add", "Remove")
    )
    listed = [str(one) for one in params.get("UserIds") or []]
    return (add, remove + listed) if params.get("OperationType") == "remove" else (add + listed, remove)


@operation("ec2", "DescribeSnapshotAttribute")
def describe_snapshot_attribute(call: Call) -> Result:
    """createVolumePermission of an own snapshot."""
    snapshot = _own(call)
    if call.params["Attribute"] != "createVolumePermission":
        what = call.params["Attribute"]
        raise AwsError("InvalidRequest", f"The attribute '{what}' is not offered by the embedded cloud")
    users = sorted(snapshot.create_volume_permission_userids)
    return {"SnapshotId": snapshot.id, "CreateVolumePermissions": [{"UserId": one} for one in users]}


def _own(call: Call) -> Any:
    """moto's snapshot of the caller's account. Raises AwsError, also for another's."""
    name = str(call.params["SnapshotId"])
    found = backend(call.account, call.region).snapshots.get(name)
    if found is None:
        raise AwsError("InvalidSnapshot.NotFound", f"The snapshot '{name}' does not exist.")
    return found
