"""Instances as DescribeInstances shows and filters them; written by hand because moto's generic way takes 2 ms each."""

from __future__ import annotations

from typing import Any

from apps.localcloud.ec2.backend import backend
from apps.localcloud.ec2.filters import Getter
from apps.localcloud.ec2.machines import Machine
from apps.localcloud.ec2.tagging import tag_list, tags_of

_GONE = "terminated"

GETTERS: dict[str, Getter[Machine]] = {
    "architecture": lambda one: [str(one.moto.architecture)],
    "availability-zone": lambda one: [one.zone],
    "client-token": lambda one: [str(one.moto.client_token or "")],
    "iam-instance-profile.arn": lambda one: [one.profile["Arn"]] if one.profile else [],
    "image-id": lambda one: [one.image_id],
    "instance-id": lambda one: [one.id],
    "instance-state-code": lambda one: [str(one.moto.state_code)],
    "instance-state-name": lambda one: [one.state],
    "instance-type": lambda one: [str(one.moto.instance_type)],
    "instance.group-id": lambda one: [group.id for group in one.moto.security_groups],
    "instance.group-name": lambda one: [group.name for group in one.moto.security_groups],
    "key-name": lambda one: [one.moto.key_name] if one.moto.key_name else [],
    "owner-id": lambda one: [one.account],
    "private-dns-name": lambda one: [str(one.moto.private_dns_name)],
    "private-ip-address": lambda one: [one.address],
    "reservation-id": lambda one: [one.reservation_id],
    "subnet-id": lambda one: [str(one.moto.subnet_id)],
    "vpc-id": lambda one: [str(one.moto.vpc_id)],
}


def machine_tags(machine: Machine) -> dict[str, str]:
    return tags_of(backend(machine.account, machine.region), machine.id)


def view(machine: Machine) -> dict[str, Any]:
    """The instance; a terminated one has lost its network and volumes."""
    moto = machine.moto
    shown: dict[str, Any] = {
        "InstanceId": machine.id,
        "ImageId": machine.image_id,
        "InstanceType": moto.instance_type,
        "InstanceLifecycle": moto.lifecycle,
        "KeyName": moto.key_name or None,
        "LaunchTime": machine.launched.replace(microsecond=0),
        "AmiLaunchIndex": moto.ami_launch_index,
        "Architecture": moto.architecture,
        "State": {"Code": moto.state_code, "Name": machine.state},
        "StateTransitionReason": machine.transition,
        "Placement": {"AvailabilityZone": machine.zone, "GroupName": "", "Tenancy": "default"},
        "Monitoring": {"State": moto.monitoring_state},
        "Hypervisor": "xen",
        "VirtualizationType": moto.virtualization_type,
        "RootDeviceName": moto.root_device_name,
        "RootDeviceType": "ebs",
        "EbsOptimized": bool(moto.ebs_optimized),
        "EnaSupport": True,
        "ClientToken": moto.client_token or "",
        "ProductCodes": [],
        "PublicDnsName": "",
        "PrivateDnsName": "",
        "MetadataOptions": _metadata_options(moto.metadata_options),
        "Tags": tag_list(machine_tags(machine)),
        "IamInstanceProfile": machine.profile,
        "BlockDeviceMappings": [],
        "SecurityGroups": [],
        "NetworkInterfaces": [],
    }
    if machine.reason[0]:
        shown["StateReason"] = {"Code": machine.reason[0], "Message": machine.reason[1]}
    if machine.state != _GONE:
        shown.update(_placement(machine))
    return {key: value for key, value in shown.items() if value is not None}


def _placement(machine: Machine) -> dict[str, Any]:
    moto = machine.moto
    groups = [{"GroupId": group.id, "GroupName": group.name} for group in moto.security_groups]
    return {
        "PrivateIpAddress": machine.address,
        "PrivateDnsName": moto.private_dns_name,
        "SubnetId": moto.subnet_id,
        "VpcId": moto.vpc_id,
        "SourceDestCheck": bool(moto.source_dest_check),
        "SecurityGroups": groups,
        "BlockDeviceMappings": [_device(name, block) for name, block in moto.get_block_device_mapping],
        "NetworkInterfaces": [_interface(machine, nic, groups) for nic in moto.network_interfaces],
    }


def _device(name: str, block: Any) -> dict[str, Any]:
    return {
        "DeviceName": name,
        "Ebs": {
            "VolumeId": block.volume_id,
            "Status": "attached",
            "AttachTime": block.attach_time,
            "DeleteOnTermination": bool(block.delete_on_termination),
        },
    }


def _interface(machine: Machine, nic: Any, groups: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "NetworkInterfaceId": nic.id,
        "SubnetId": nic.subnet.id,
        "VpcId": nic.subnet.vpc_id,
        "OwnerId": machine.account,
        "MacAddress": nic.mac_address,
        "PrivateIpAddress": nic.private_ip_address,
        "PrivateIpAddresses": [{"Primary": True, "PrivateIpAddress": nic.private_ip_address}],
        "Status": "in-use",
        "SourceDestCheck": True,
        "Groups": groups,
        "InterfaceType": "interface",
        "Attachment": {
            "AttachmentId": nic.attachment_id,
            "DeviceIndex": nic.device_index,
            "Status": "attached",
            "AttachTime": machine.launched,
            "DeleteOnTermination": True,
        },
    }


def _metadata_options(options: Any) -> dict[str, Any]:
    return {
        "State": "applied",
        "HttpTokens": options.http_tokens,
        "HttpPutResponseHopLimit": options.http_put_response_hop_limit,
        "HttpEndpoint": options.http_endpoint,
        "HttpProtocolIpv6": options.http_protocol_ipv6,
        "InstanceMetadataTags": options.instance_metadata_tags,
    }


def reservations(shown: list[Machine] | tuple[Machine, ...]) -> list[dict[str, Any]]:
    """Machines grouped as they were launched together, in order."""
    grouped: dict[str, dict[str, Any]] = {}
    for one in shown:
        reservation = grouped.setdefault(
            one.reservation_id,
            {"ReservationId": one.reservation_id, "OwnerId": one.account, "Groups": [], "Instances": []},
        )
        reservation["Instances"].append(view(one))
    return list(grouped.values())


def status(machine: Machine) -> dict[str, Any]:
    """The instance as DescribeInstanceStatus shows it."""
    if machine.state == "running":
        word, detail = ("impaired", "failed") if machine.impaired else ("ok", "passed")
        check = {"Status": word, "Details": [{"Name": "reachability", "Status": detail}]}
    else:
        check = {"Status": "not-applicable"}
    return {
        "InstanceId": machine.id,
        "AvailabilityZone": machine.zone,
        "InstanceState": {"Code": machine.moto.state_code, "Name": machine.state},
        "InstanceStatus": check,
        "SystemStatus": check if not machine.impaired else {**check, "Status": "ok"},
        "Events": [],
    }
