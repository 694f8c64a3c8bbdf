"""moto's EC2 backend, corrected where the embedded cloud differs: the default VPC lies in our loopback addresses,
instances are found by an index, and images and launch templates are ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar, cast

from moto.ec2 import urls
from moto.ec2.exceptions import InvalidAMIIdError, InvalidInstanceIdError
from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.models import subnets as moto_subnets
from moto.ec2.utils import EC2_PREFIX_TO_RESOURCE, get_prefix

from apps.localcloud.ec2.subnets import LoopbackSubnet

if TYPE_CHECKING:
    from apps.localcloud.cloud import Cloud

_ZONES = 3
_SUBNET_PREFIX = 23
_LITE_BLOCK = IPv4Network("172.31.0.0/16")
_LITE_SUBNET_PREFIX = 18


class LoopbackEC2Backend(EC2Backend):
    """One account and region. moto makes it on first use and knows only its name and account."""

    cloud: ClassVar[Cloud]

    def __init__(self, region_name: str, account_id: str) -> None:
        self.instance_index: dict[str, Any] = {}
        super().__init__(region_name, account_id)

    @property
    def _url_module(self) -> ModuleType:
        return urls

    def create_default_vpc(self) -> Any:
        """The account's own loopback range, with one subnet in each of three zones; in lite mode, where nothing
        listens on them, the addresses that AWS gives every default VPC.

        No public addresses are given out: nothing would answer there.
        """
        block, prefix = _LITE_BLOCK, _LITE_SUBNET_PREFIX
        if not self.cloud.options.lite:
            block, prefix = self.cloud.addresses.vpc_range(self.account_id, self.region_name), _SUBNET_PREFIX
        vpc = self.create_vpc(cidr_block=str(block), is_default=True)
        zones = [zone.name for zone in self.describe_availability_zones()][:_ZONES]
        for zone, subnet_block in zip(zones, block.subnets(new_prefix=prefix), strict=False):
            subnet = self.create_subnet(vpc.id, str(subnet_block), availability_zone=zone)
            subnet.map_public_ip_on_launch = False
        return vpc

    def get_subnet(self, subnet_id: str) -> LoopbackSubnet:
        return cast("LoopbackSubnet", super().get_subnet(subnet_id))

    def get_instance_by_id(self, instance_id: str) -> Any:
        found = self.instance_index.get(instance_id)
        if found is None and self.reservations:
            # while moto builds an instance it looks it up itself: then it is in the newest reservation
            newest = next(reversed(self.reservations.values()))
            found = next((one for one in newest.instances if one.id == instance_id), None)
        return found

    def get_instance(self, instance_id: str) -> Any:
        found = self.get_instance_by_id(instance_id)
        if found is None:
            raise InvalidInstanceIdError(instance_id)
        return found

    def get_multi_instances_by_id(self, instance_ids: list[str], filters: Any = None) -> list[Any]:
        missing = [one for one in instance_ids if one not in self.instance_index]
        if missing:
            raise InvalidInstanceIdError(missing)
        found = [self.instance_index[one] for one in instance_ids]
        return [one for one in found if one.applies(filters)]

    def _create_default_encryption_key(self) -> str:
        """aws/ebs, which AWS manages: moto makes a key like any other."""
        from moto.kms.models import kms_backends

        arn: str = super()._create_default_encryption_key()
        kms_backends[self.account_id][self.region_name].describe_key(arn).key_manager = "AWS"
        return arn

    def describe_volumes(self, volume_ids: list[str] | None = None, filters: Any = None) -> list[Any]:
        """By its id, as moto asks at each launch, without a look at all others."""
        if volume_ids and not filters and all(one in self.volumes for one in volume_ids):
            return [self.volumes[one] for one in volume_ids]
        found: list[Any] = super().describe_volumes(volume_ids, filters)
        return found

    def describe_tags(self, filters: dict[str, list[str]] | None = None) -> list[dict[str, str]]:
        """By an index for the one question that moto asks all day: the tags of one resource."""
        ids = (filters or {}).get("resource-id", [])
        if filters and set(filters) == {"resource-id"} and not any("*" in one or "?" in one for one in ids):
            return [self._tag(one, key, value) for one in ids for key, value in self.tags.get(one, {}).items()]
        found: list[dict[str, str]] = super().describe_tags(filters)
        return found

    def _tag(self, resource_id: str, key: str, value: str) -> dict[str, str]:
        kind = EC2_PREFIX_TO_RESOURCE.get(get_prefix(resource_id), "")
        return {"resource_id": resource_id, "key": key, "value": value, "resource_type": kind}

    def do_resources_exist(self, resource_ids: list[str]) -> bool:
        """What an account may tag, for itself alone: also a snapshot that another one shares with it."""
        done: bool = super().do_resources_exist([one for one in resource_ids if not self._is_given(one)])
        return done

    def _is_given(self, snapshot_id: str) -> bool:
        for regions in ec2_backends.values() if snapshot_id.startswith("snap-") else ():
            home = dict.get(regions, self.region_name)  # which makes none where there is none
            snapshot = home.snapshots.get(snapshot_id) if home is not None else None
            if snapshot is not None and self.account_id in snapshot.create_volume_permission_userids:
                return True
        return False

    def create_tags(self, resource_ids: list[str], tags: dict[str, str]) -> bool:
        done: bool = super().create_tags(resource_ids, tags)
        self._retagged(resource_ids)
        return done

    def delete_tags(self, resource_ids: list[str], tags: dict[str, str]) -> bool:
        done: bool = super().delete_tags(resource_ids, tags)
        self._retagged(resource_ids)
        return done

    def _retagged(self, resource_ids: list[str]) -> None:
        """In lite mode the tag of an instance or an image may say that it is faulty now (ec2.faults)."""
        from apps.localcloud.ec2.machines import machines

        if self.cloud.options.lite:
            known = machines(self.cloud)
            told = [known.by_id[one] for one in resource_ids if one in known.by_id]
            if any(one.startswith("ami-") for one in resource_ids):
                told += [one for one in known.by_id.values() if one.image_id in resource_ids]
            for machine in told:
                known.tell(machine)

    def describe_images(
        self,
        ami_ids: list[str] | None = None,
        filters: dict[str, Any] | None = None,
        exec_users: list[str] | None = None,
        owners: list[str] | None = None,
    ) -> list[Any]:
        """Only what moto asks for itself; DescribeImages is an operation of our own."""
        from apps.localcloud.ec2.images import visible_image

        wanted: Iterable[str] = ami_ids or (filters or {}).get("image-id", [])
        if isinstance(wanted, str):
            wanted = [wanted]
        found = [visible_image(self.cloud, self.account_id, self.region_name, one) for one in wanted]
        images = [image for image in found if image is not None]
        if ami_ids and not images:
            raise InvalidAMIIdError(ami_ids)
        return images

    def get_launch_template(self, template_id: str) -> Any:
        from apps.localcloud.ec2.templates import Templates

        return self.cloud.state(Templates, self.account_id, self.region_name).by_id(template_id)


def backend(account: str, region: str) -> LoopbackEC2Backend:
    """The EC2 of one account and region."""
    return cast("LoopbackEC2Backend", ec2_backends[account][region])


def install(cloud: Cloud) -> None:
    """Puts our backend in moto's place; must run before moto's EC2 is first used."""
    LoopbackEC2Backend.cloud = cloud
    ec2_backends.backend = LoopbackEC2Backend
    moto_subnets.Subnet = LoopbackSubnet  # type: ignore[misc]
    ec2_backends.clear()
