"""EC2: which other accounts may launch an AMI and make volumes of its snapshots, and the tags of what is there.

Each is granted in the region of the AMI; tags are those of the account that asks, also on what another one owns.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from apps.cloud.aws.session import call, pages
from apps.cloud.aws.shapes import chunks, tag_list, tags
from apps.cloud.errors import NotFound
from apps.cloud.values import SnapshotState, Target
from apps.cloud.values.instances import OVER

SERVICE = "ec2"
PAGE = 200  # the most ids that one call takes here


def launch_permissions(target: Target, image_id: str) -> frozenset[str]:
    """Who beside the owner may launch an own AMI: account ids, ARNs of organizations, and "all".

    Raises NotFound; Denied for another's.
    """
    answer = call(target, SERVICE, "DescribeImageAttribute", ImageId=image_id, Attribute="launchPermission")
    members = ("UserId", "Group", "OrganizationArn", "OrganizationalUnitArn")
    shapes = answer.get("LaunchPermissions") or ()
    return frozenset(str(shape[member]) for shape in shapes for member in members if shape.get(member))


def let_launch(target: Target, image_id: str, account: str, *, may: bool) -> None:
    """ModifyImageAttribute: lets an account launch an AMI of the target's account, or no longer.

    Repeating it is harmless; took effect if launch_permissions says so. Raises Invalid for an AMI with a snapshot that
    is encrypted with AWS's own key, which cannot be shared.
    """
    change = {"Add" if may else "Remove": [{"UserId": account}]}
    call(target, SERVICE, "ModifyImageAttribute", ImageId=image_id, LaunchPermission=change)


def volume_permissions(target: Target, snapshot_id: str) -> frozenset[str]:
    """The accounts that may make volumes of a snapshot of the target's account, by name. Raises NotFound."""
    answer = call(
        target, SERVICE, "DescribeSnapshotAttribute", SnapshotId=snapshot_id, Attribute="createVolumePermission"
    )
    return frozenset(str(each["UserId"]) for each in answer.get("CreateVolumePermissions") or () if each.get("UserId"))


def let_make_volumes(target: Target, snapshot_id: str, account: str, *, may: bool) -> None:
    """ModifySnapshotAttribute: lets an account make volumes of a snapshot, or no longer.

    Repeating it is harmless; took effect if volume_permissions says so. Raises Denied for a snapshot that is encrypted
    with AWS's own key, which cannot be shared.
    """
    call(
        target,
        SERVICE,
        "ModifySnapshotAttribute",
        SnapshotId=snapshot_id,
        Attribute="createVolumePermission",
        OperationType="add" if may else "remove",
        UserIds=[account],
    )


def describe_snapshots(target: Target, ids: Iterable[str]) -> tuple[SnapshotState, ...]:
    """The snapshots with these ids, in the order of their ids. Raises NotFound where one is gone."""
    answers = [
        call(target, SERVICE, "DescribeSnapshots", SnapshotIds=batch) for batch in chunks(sorted(set(ids)), PAGE)
    ]
    found = (
        SnapshotState(
            id=shape["SnapshotId"],
            owner=shape.get("OwnerId", ""),
            state=shape.get("State", ""),
            started_at=shape.get("StartTime"),
            tags=tags(shape.get("Tags")),
            encrypted=bool(shape.get("Encrypted", False)),
            key=shape.get("KmsKeyId") or "",
        )
        for answer in answers
        for shape in answer["Snapshots"]
    )
    return tuple(sorted(found, key=lambda each: each.id))


def find_snapshot(target: Target, snapshot_id: str) -> SnapshotState | None:
    """One snapshot; None where AWS shows none."""
    try:
        return next(iter(describe_snapshots(target, [snapshot_id])), None)
    except NotFound:
        return None


def tags_on(target: Target, ids: Sequence[str]) -> dict[str, dict[str, str]]:
    """The tags that the target's account has on each of these resources, its own or shared with it."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    filters = [{"Name": "resource-id", "Values": list(ids)}]
    for answer in pages(target, SERVICE, "DescribeTags", Filters=filters):
        for shape in answer["Tags"]:
            found[shape["ResourceId"]][shape["Key"]] = shape.get("Value", "")
    return {each: found[each] for each in ids}


def set_tags(target: Target, ids: Sequence[str], tags: Mapping[str, str]) -> None:
    """CreateTags: sets these tags for the target's account; others stay. Repeating it is harmless.

    Raises NotFound as long as the account does not see one of the resources.
    """
    call(target, SERVICE, "CreateTags", Resources=list(ids), Tags=tag_list(tags))


def remove_tags(target: Target, ids: Sequence[str], names: Iterable[str]) -> None:
    """DeleteTags: removes the tags of these names, whatever their values. Repeating it is harmless."""
    call(target, SERVICE, "DeleteTags", Resources=list(ids), Tags=[{"Key": name} for name in sorted(names)])


def launched_from(target: Target, image_id: str) -> tuple[str, ...]:
    """The ids of the target's instances, running or stopped, that were launched from an AMI."""
    filters = [{"Name": "image-id", "Values": [image_id]}]
    return tuple(
        shape["InstanceId"]
        for answer in pages(target, SERVICE, "DescribeInstances", Filters=filters)
        for reservation in answer["Reservations"]
        for shape in reservation["Instances"]
        if shape["State"]["Name"] not in OVER
    )
