"""A launch configuration as launch template data: AWS starts no new feature for the former, and will drop it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from apps.cloud.values import Described
from apps.deployments.carry.rewrite import plain
from apps.deployments.carry.tables import Table, empty
from apps.deployments.errors import Finding

_SAME = frozenset({"EbsOptimized", "ImageId", "InstanceType", "KernelId", "KeyName", "UserData"})
_EBS = frozenset({"DeleteOnTermination", "Encrypted", "Iops", "SnapshotId", "Throughput", "VolumeSize", "VolumeType"})
_METADATA = frozenset({"HttpEndpoint", "HttpPutResponseHopLimit", "HttpTokens"})
CLASSIC = "EC2-Classic is no more"

CONFIGURATION = Table(
    "autoscaling",
    "LaunchConfiguration",
    ("ec2", "RequestLaunchTemplateData"),
    carried=_SAME,
    ours=frozenset(
        {
            "AssociatePublicIpAddress",
            "BlockDeviceMappings",
            "CreatedTime",
            "IamInstanceProfile",
            "InstanceMonitoring",
            "LaunchConfigurationARN",
            "LaunchConfigurationName",
            "MetadataOptions",
            "PlacementTenancy",
            "RamdiskId",
            "SecurityGroups",
            "SpotPrice",
        }
    ),
    refused={"ClassicLinkVPCId": CLASSIC, "ClassicLinkVPCSecurityGroups": CLASSIC},
)
DEVICE = Table(
    "autoscaling",
    "BlockDeviceMapping",
    ("ec2", "LaunchTemplateBlockDeviceMappingRequest"),
    carried=frozenset({"DeviceName", "VirtualName"}),
    ours=frozenset({"Ebs", "NoDevice"}),
)
EBS = Table("autoscaling", "Ebs", ("ec2", "LaunchTemplateEbsBlockDeviceRequest"), carried=_EBS)
METADATA = Table(
    "autoscaling", "InstanceMetadataOptions", ("ec2", "LaunchTemplateInstanceMetadataOptionsRequest"), carried=_METADATA
)
TABLES = (CONFIGURATION, DEVICE, EBS, METADATA)


def template_data(described: Described) -> dict[str, Any]:
    """LaunchTemplateData that launches what the launch configuration launches."""
    made = {
        **CONFIGURATION.payload(described),
        **_network(described),
        "BlockDeviceMappings": [_device(each) for each in described.get("BlockDeviceMappings") or ()],
        "IamInstanceProfile": _profile(described.get("IamInstanceProfile") or ""),
        "InstanceMarketOptions": _market(described.get("SpotPrice") or ""),
        "MetadataOptions": METADATA.payload(described.get("MetadataOptions") or {}),
        "Monitoring": _monitoring(described.get("InstanceMonitoring")),
        "Placement": _placement(described.get("PlacementTenancy") or ""),
        "RamDiskId": described.get("RamdiskId"),
    }
    return {member: plain(value) for member, value in sorted(made.items()) if not empty(value)}


def findings(described: Described) -> Iterator[Finding]:
    """Why the launch configuration cannot be converted, a finding for each member."""
    whose = f"The launch configuration {described['LaunchConfigurationName']}"
    yield from CONFIGURATION.findings(described, whose)
    yield from METADATA.findings(described.get("MetadataOptions") or {}, whose)
    for device in described.get("BlockDeviceMappings") or ():
        yield from DEVICE.findings(device, whose)
        yield from EBS.findings(device.get("Ebs") or {}, whose)


def _network(described: Described) -> dict[str, Any]:
    """Security groups and public address; AWS takes the latter only with a network interface, which then has both."""
    groups = list(described.get("SecurityGroups") or ())
    public = described.get("AssociatePublicIpAddress")
    if public is not None:
        interface = {"DeviceIndex": 0, "AssociatePublicIpAddress": public}
        return {"NetworkInterfaces": [{**interface, "Groups": groups} if groups else interface]}
    by_id = all(group.startswith("sg-") for group in groups)
    return {"SecurityGroupIds" if by_id else "SecurityGroups": groups}


def _device(described: Described) -> dict[str, Any]:
    made = DEVICE.payload(described)
    if described.get("NoDevice"):
        return {**made, "NoDevice": ""}  # how a template says that there is none
    ebs = EBS.payload(described.get("Ebs") or {})
    return {**made, "Ebs": ebs} if ebs else made


def _profile(given: str) -> dict[str, str]:
    if not given:
        return {}
    return {"Arn": given} if given.startswith("arn:") else {"Name": given}


def _market(spot_price: str) -> dict[str, Any]:
    return {"MarketType": "spot", "SpotOptions": {"MaxPrice": spot_price}} if spot_price else {}


def _monitoring(described: Mapping[str, bool] | None) -> dict[str, bool]:
    return {"Enabled": bool(described.get("Enabled"))} if described else {}


def _placement(tenancy: str) -> dict[str, str]:
    return {"Tenancy": tenancy} if tenancy else {}
