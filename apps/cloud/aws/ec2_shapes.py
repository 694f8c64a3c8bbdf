"""EC2's answers about AMIs, instances and launch templates as our values."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime

from apps.cloud.aws.shapes import Shape, tags
from apps.cloud.values import (
    ImageState,
    InstanceState,
    InstanceTypeFacts,
    LaunchTemplateState,
    LaunchTemplateVersion,
    SubnetState,
)


def image_state(shape: Shape) -> ImageState:
    """One member of DescribeImages' Images; CreationDate comes as text."""
    created = shape.get("CreationDate")
    return ImageState(
        id=shape["ImageId"],
        name=shape.get("Name", ""),
        owner=shape.get("OwnerId", ""),
        state=shape.get("State", ""),
        architecture=shape.get("Architecture", ""),
        created_at=datetime.fromisoformat(created) if created else None,
        tags=tags(shape.get("Tags")),
        description=shape.get("Description", ""),
        public=bool(shape.get("Public", False)),
        root_device_type=shape.get("RootDeviceType", ""),
        virtualization_type=shape.get("VirtualizationType", ""),
        snapshots=_snapshots(shape),
        state_reason=(shape.get("StateReason") or {}).get("Message", ""),
    )


def _snapshots(shape: Shape) -> tuple[str, ...]:
    devices = shape.get("BlockDeviceMappings") or ()
    found = ((device.get("Ebs") or {}).get("SnapshotId", "") for device in devices)
    return tuple(snapshot for snapshot in found if snapshot)


# what instance_state looks at: of the rest of an instance, nothing is read from AWS's answer (see quickxml)
INSTANCE_MEMBERS = frozenset(
    {
        "Architecture",
        "IamInstanceProfile",
        "ImageId",
        "InstanceId",
        "InstanceType",
        "KeyName",
        "LaunchTime",
        "Placement",
        "PrivateIpAddress",
        "SecurityGroups",
        "State",
        "StateReason",
        "SubnetId",
        "Tags",
        "VpcId",
    }
)


def instance_state(shape: Shape) -> InstanceState:
    """One instance of a reservation of DescribeInstances."""
    return InstanceState(
        id=shape["InstanceId"],
        state=shape["State"]["Name"],
        image_id=shape.get("ImageId", ""),
        instance_type=shape.get("InstanceType", ""),
        zone=(shape.get("Placement") or {}).get("AvailabilityZone", ""),
        private_ip=shape.get("PrivateIpAddress", ""),
        launched_at=shape["LaunchTime"],
        architecture=shape.get("Architecture", ""),
        vpc_id=shape.get("VpcId", ""),
        subnet_id=shape.get("SubnetId", ""),
        key_name=shape.get("KeyName", ""),
        security_groups=tuple(
            (each.get("GroupId", ""), each.get("GroupName", "")) for each in shape.get("SecurityGroups") or ()
        ),
        profile=(shape.get("IamInstanceProfile") or {}).get("Arn", ""),
        tags=tags(shape.get("Tags")),
        state_reason=(shape.get("StateReason") or {}).get("Code", ""),
    )


def template_state(shape: Shape) -> LaunchTemplateState:
    """One member of DescribeLaunchTemplates' LaunchTemplates."""
    return LaunchTemplateState(
        id=shape["LaunchTemplateId"],
        name=shape["LaunchTemplateName"],
        default_version=shape["DefaultVersionNumber"],
        latest_version=shape["LatestVersionNumber"],
        created_at=shape["CreateTime"],
        tags=tags(shape.get("Tags")),
    )


def template_version(shape: Shape) -> LaunchTemplateVersion:
    """One LaunchTemplateVersion, as described or as just created."""
    data = shape.get("LaunchTemplateData") or {}
    return LaunchTemplateVersion(
        id=shape["LaunchTemplateId"],
        name=shape["LaunchTemplateName"],
        version=shape["VersionNumber"],
        image_id=data.get("ImageId", ""),
        instance_type=data.get("InstanceType", ""),
        user_data=_decoded(data.get("UserData", "")),
        created_at=shape["CreateTime"],
        description=shape.get("VersionDescription", ""),
        data=data,
    )


def _decoded(user_data: str) -> str:
    try:
        return base64.b64decode(user_data).decode(errors="replace")
    except binascii.Error:
        return user_data  # a template keeps whatever text it was given


def type_shape(shape: Shape) -> InstanceTypeFacts:
    """One member of DescribeInstanceTypes' InstanceTypes."""
    return InstanceTypeFacts(
        name=shape["InstanceType"],
        architectures=tuple((shape.get("ProcessorInfo") or {}).get("SupportedArchitectures") or ()),
        vcpus=(shape.get("VCpuInfo") or {}).get("DefaultVCpus") or 0,
    )


def subnet_state(shape: Shape) -> SubnetState:
    """One member of DescribeSubnets' Subnets."""
    return SubnetState(
        id=shape["SubnetId"],
        zone=shape.get("AvailabilityZone", ""),
        free_addresses=shape.get("AvailableIpAddressCount") or 0,
        vpc_id=shape.get("VpcId", ""),
    )
