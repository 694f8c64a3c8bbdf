"""What may launch an AMI, beside what `ec2` and `autoscaling` tell; and snapshots, which are what AMIs are made of."""

from __future__ import annotations

from apps.cloud.aws.session import call, pages
from apps.cloud.aws.shapes import tags
from apps.cloud.errors import NotFound
from apps.cloud.values import SnapshotState, Target

SERVICE, GROUPS = "ec2", "autoscaling"
PAGE = 100  # the most launch configurations one call answers


def launch_permissions(target: Target, image_id: str) -> frozenset[str]:
    """Who beside the owner may launch an own AMI: account ids, ARNs of organizations, and "all". Raises NotFound."""
    answer = call(target, SERVICE, "DescribeImageAttribute", ImageId=image_id, Attribute="launchPermission")
    members = ("UserId", "Group", "OrganizationArn", "OrganizationalUnitArn")
    shapes = answer.get("LaunchPermissions") or ()
    return frozenset(str(shape[member]) for shape in shapes for member in members if shape.get(member))


def configured_images(target: Target) -> dict[str, str]:
    """The AMI of each launch configuration of the region, by its name."""
    answers = pages(target, GROUPS, "DescribeLaunchConfigurations", MaxRecords=PAGE)
    return {
        str(shape["LaunchConfigurationName"]): str(shape.get("ImageId", ""))
        for answer in answers
        for shape in answer["LaunchConfigurations"]
    }


def find_snapshot(target: Target, snapshot_id: str) -> SnapshotState | None:
    """One snapshot; None where AWS shows none."""
    try:
        found = call(target, SERVICE, "DescribeSnapshots", SnapshotIds=[snapshot_id])["Snapshots"]
    except NotFound:
        return None
    for shape in found:
        return SnapshotState(
            id=str(shape["SnapshotId"]),
            owner=str(shape.get("OwnerId", "")),
            state=str(shape.get("State", "")),
            started_at=shape.get("StartTime"),
            tags=tags(shape.get("Tags")),
        )
    return None
