"""Launching instances: what RunInstances and Auto Scaling ask for, checked as EC2 checks it, and booted."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from typing import Any

from moto.core.types import Base64EncodedString
from moto.ec2.models.instance_types import INSTANCE_TYPES

from apps.localcloud.cloud import Cloud, now
from apps.localcloud.ec2.backend import LoopbackEC2Backend, backend
from apps.localcloud.ec2.capacity import bucket, check_addresses, check_offered, check_vcpus
from apps.localcloud.ec2.encryption import check_keys
from apps.localcloud.ec2.images import Image, require_image, tree
from apps.localcloud.ec2.machines import Machine, boot, machines
from apps.localcloud.ec2.profiles import require_profile
from apps.localcloud.ec2.tagging import tag_dict
from apps.localcloud.ec2.templates import Template, Version
from apps.localcloud.errors import AwsError
from apps.localcloud.interfaces import InstanceSpec

MAX_USER_DATA = 16 * 1024
_DEFAULT_TYPE = "m1.small"


@dataclass
class Launch:
    """One batch. `data` holds RunInstances members (the launch template's already merged in)."""

    account: str
    region: str
    data: Mapping[str, Any]
    count: int = 1
    template: tuple[Template, Version] | None = None
    tags: dict[str, str] = field(default_factory=dict)  # beyond those of the data's TagSpecifications
    group: str = ""  # the Auto Scaling group it is for
    client_token: str = ""


@dataclass(frozen=True)
class _Checked:
    image: Image
    user_data: str
    profile: dict[str, str] | None


def launch(cloud: Cloud, wanted: Launch) -> list[Machine]:
    """Boots `wanted.count` machines of one reservation. Raises AwsError before anything is made."""
    home = backend(wanted.account, wanted.region)
    checked = check(cloud, wanted)
    kind = str(wanted.data.get("InstanceType") or _DEFAULT_TYPE)
    check_vcpus(cloud, wanted.account, wanted.region, kind, wanted.count)
    counted = bucket(kind)
    if wanted.group:
        check_keys(wanted.account, wanted.region, _block_devices(checked.image, wanted))
    reservation = _reserve(home, wanted, checked)
    booted = []
    for one in reservation.instances:
        home.instance_index[one.id] = one
        machine = Machine(
            account=wanted.account,
            region=wanted.region,
            moto=one,
            launched=now(),
            reservation_id=reservation.id,
            spec=_spec(cloud, wanted, checked, one),
            image_id=checked.image.id,
            template=_template_reference(wanted),
            profile=checked.profile,
            group=wanted.group,
            vcpus=(counted[0].code, counted[1]) if counted else ("", 0),
        )
        machines(cloud).add(machine)
        boot(cloud, machine)
        booted.append(machine)
    return booted


def check(cloud: Cloud, wanted: Launch) -> _Checked:
    """Everything that EC2 refuses for. Raises AwsError."""
    data = wanted.data
    image_id = data.get("ImageId")
    if not image_id:
        raise AwsError("MissingParameter", "The request must contain the parameter ImageId")
    image = require_image(cloud, wanted.account, wanted.region, image_id)
    if image.state != "available":
        raise AwsError("InvalidAMIID.Unavailable", f"The image ID '{image_id}' is not available")
    _check_type(str(data.get("InstanceType") or _DEFAULT_TYPE), image)
    profile = data.get("IamInstanceProfile")
    return _Checked(
        image=image,
        user_data=_user_data(data.get("UserData")),
        profile=require_profile(wanted.account, profile) if profile else None,
    )


def _check_type(name: str, image: Image) -> None:
    known = INSTANCE_TYPES.get(name)
    if known is None:
        raise AwsError("InvalidParameterValue", f"Invalid value '{name}' for InstanceType.")
    architectures = known["ProcessorInfo"]["SupportedArchitectures"]
    if image.architecture not in architectures:
        raise AwsError(
            "InvalidParameterValue",
            f"The architecture '{','.join(architectures)}' of the specified instance type does not match the"
            f" architecture '{image.architecture}' of the specified AMI. Specify an instance type and an AMI that have"
            " matching architectures, and try again.",
        )


def _user_data(encoded: object) -> str:
    if not encoded:
        return ""
    try:
        raw = base64.b64decode(str(encoded), validate=True)
        text = raw.decode()
    except (binascii.Error, UnicodeDecodeError):
        raise AwsError("InvalidUserData.Malformed", "Invalid BASE64 encoding of user data.") from None
    if len(raw) > MAX_USER_DATA:
        raise AwsError("InvalidParameterValue", f"User data is limited to {MAX_USER_DATA} bytes")
    return text


def _reserve(home: LoopbackEC2Backend, wanted: Launch, checked: _Checked) -> Any:
    data = wanted.data
    interfaces = [dict(one) for one in data.get("NetworkInterfaces") or []]
    groups = list(data.get("SecurityGroupIds") or [])
    subnet = _subnet(home, data, interfaces)
    check_offered(wanted.region, subnet.availability_zone, data.get("InstanceType") or _DEFAULT_TYPE)
    check_addresses(subnet, wanted.count)
    if not groups and not interfaces and not data.get("SecurityGroups"):
        default = home.get_security_group_from_name("default", vpc_id=subnet.vpc_id)
        groups = [default.id] if default else []
    options: dict[str, Any] = {
        "instance_type": data.get("InstanceType") or _DEFAULT_TYPE,
        "is_instance_type_default": True,  # else moto looks through all types there are; `check` has done so
        "region_name": wanted.region,
        "subnet_id": None if interfaces else subnet.id,
        "key_name": data.get("KeyName"),
        "security_group_ids": groups,
        "nics": interfaces,
        "private_ip": data.get("PrivateIpAddress"),
        "associate_public_ip": False,
        "tags": _tags(wanted, checked),
        "ebs_optimized": bool(data.get("EbsOptimized")),
        "monitoring_state": "enabled" if (data.get("Monitoring") or {}).get("Enabled") else "disabled",
        "instance_initiated_shutdown_behavior": data.get("InstanceInitiatedShutdownBehavior"),
        "disable_api_termination": bool(data.get("DisableApiTermination")),
        "metadata_options": data.get("MetadataOptions") or {},
        "client_token": wanted.client_token,
        "block_device_mappings": _block_devices(checked.image, wanted),
    }
    if data.get("InstanceMarketOptions"):
        options["instance_market_options"] = data["InstanceMarketOptions"]
    encoded = Base64EncodedString(str(data["UserData"])) if data.get("UserData") else None
    names = list(data.get("SecurityGroups") or [])
    return home.run_instances(checked.image.id, wanted.count, encoded, names, **options)


def _subnet(home: LoopbackEC2Backend, data: Mapping[str, Any], interfaces: list[dict[str, Any]]) -> Any:
    subnet: Any
    named = data.get("SubnetId") or next((one["SubnetId"] for one in interfaces if one.get("SubnetId")), None)
    zone = (data.get("Placement") or {}).get("AvailabilityZone")
    if named:
        subnet = home.get_subnet(named)
    else:
        by_zone = home.get_default_subnets()
        if zone and zone not in by_zone:
            raise AwsError("InvalidParameterValue", f"Value ({zone}) for parameter availabilityZone is invalid.")
        subnet = by_zone[zone or min(by_zone)]
        for one in interfaces[:1]:
            one["SubnetId"] = subnet.id
    if not home.cloud.options.lite and not IPv4Network(subnet.cidr_block).subnet_of(home.cloud.addresses.block):
        raise AwsError(
            "InsufficientFreeAddressesInSubnet",
            f"The embedded cloud can only serve on its own addresses {home.cloud.addresses.block}; subnet"
            f" '{subnet.id}' is {subnet.cidr_block}.",
        )
    return subnet


def _block_devices(image: Image, wanted: Launch) -> list[dict[str, Any]]:
    by_name = {one["DeviceName"]: one for one in image.mappings if "Ebs" in one}
    for given in wanted.data.get("BlockDeviceMappings") or []:
        if "Ebs" in given:
            known = by_name.get(given["DeviceName"], {}).get("Ebs", {})
            by_name[given["DeviceName"]] = {"DeviceName": given["DeviceName"], "Ebs": {**known, **given["Ebs"]}}
        elif "NoDevice" in given:
            by_name.pop(given["DeviceName"], None)
    plain = []
    for one in by_name.values():
        ebs = {"VolumeSize": 8, "DeleteOnTermination": True, **one["Ebs"]}
        snapshot = backend(image.owner_id, image.region).snapshots.get(ebs.get("SnapshotId") or "")
        if snapshot is not None and snapshot.encrypted:  # the volume is, with the same key if no other is named
            ebs = {"KmsKeyId": snapshot.kms_key_id, **ebs, "Encrypted": True}
        if image.owner_id != wanted.account:
            ebs.pop("SnapshotId", None)  # moto finds snapshots of the own account only
        plain.append({"DeviceName": one["DeviceName"], "Ebs": ebs})
    return plain


def _tags(wanted: Launch, checked: _Checked) -> dict[str, dict[str, str]]:
    tags: dict[str, dict[str, str]] = {"instance": {}, "volume": {}}
    for one in wanted.data.get("TagSpecifications") or []:
        tags.setdefault(str(one.get("ResourceType")), {}).update(tag_dict(one.get("Tags") or []))
    tags["instance"].update(wanted.tags)
    if wanted.template is not None:
        template, version = wanted.template
        tags["instance"]["aws:ec2launchtemplate:id"] = template.id
        tags["instance"]["aws:ec2launchtemplate:version"] = str(version.number)
    return tags


def _template_reference(wanted: Launch) -> tuple[str, str, int] | None:
    if wanted.template is None:
        return None
    template, version = wanted.template
    return template.id, template.name, version.number


def _spec(cloud: Cloud, wanted: Launch, checked: _Checked, instance: Any) -> InstanceSpec:
    key = cloud.keys.for_instances(wanted.account)
    environment = {
        "AWS_ENDPOINT_URL": cloud.endpoint,
        "AWS_REGION": wanted.region,
        "AWS_DEFAULT_REGION": wanted.region,
        "AWS_ACCESS_KEY_ID": key.access_key_id,
        "AWS_SECRET_ACCESS_KEY": key.secret,
        "INSTANCE_ID": instance.id,
        "IMAGE_ID": checked.image.id,
        "AUTO_SCALING_GROUP_NAME": wanted.group,
    }
    return InstanceSpec(
        instance_id=instance.id,
        address=str(instance.private_ip_address),
        image=tree(cloud, checked.image),
        user_data=checked.user_data,
        environment={name: value for name, value in environment.items() if value},
        boot_seconds=cloud.options.boot_seconds,
    )
