"""A service on an embedded cloud, and what the console knows of it; accounts are wiped and used again."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from apps.deployments.models import Deployment
from apps.inventory.models import Cluster, Environment
from apps.inventory.services import refresh_cluster
from apps.localcloud.launch import RunningCloud
from tests.cloud_fixture import new_place
from tests.faults import made, recipes
from tests.faults.cloud import ForkedCloud
from tests.faults.plain import Plain
from tests.faults.snapshot import Account, State
from tests.world import Service, build, wait_for

SIZE = 2  # instances that serve
VCPUS = ("ec2", "L-1216C47A")  # Service Quotas' codes of running on-demand instances, counted in vCPUs
PLENTY = 1_000
_NUMBERS = itertools.count(1)


@dataclass
class World:
    """One cluster, alone in its environment; `done` are its deployments so far, oldest first.

    `needs` is how many healthy instances it may not go below; `undone` the state to which an undo goes, where a
    deployment is under way already. `holds` are asked, besides the invariants of every operation, what does not hold.
    """

    service: Service
    environment: Environment
    cluster: Cluster
    account: Account
    done: list[Deployment] = field(default_factory=list)
    needs: int = SIZE
    undone: State | None = None
    holds: list[Callable[[World, Any], Iterator[str]]] = field(default_factory=list)

    @property
    def place(self) -> dict[str, str]:
        return {"environment": self.environment.name, "region": self.cluster.region, "cluster": self.cluster.name}


class Worlds:
    """Makes worlds. Whoever is done with one gives it back, so that its account serves again."""

    def __init__(self, cloud: RunningCloud, folder: Path) -> None:
        self._cloud = cloud
        self._folder = folder
        self._free: list[World] = []
        self._plain = Plain(cloud.endpoint) if isinstance(cloud, ForkedCloud) else None

    def make(self, driver: str) -> World:
        """A service that serves version 1.0.0 with two instances by a driver, known to the inventory."""
        used = self._free.pop(0) if len(self._free) > 1 else None  # the older one: what it deleted is gone by now
        if used:
            wait_for(lambda: not used.account.groups(), "an account to be empty")
            wait_for(lambda: no_security_groups(used.account), "what was scaffolded to be gone")
        place = replace(used.account.place) if used else new_place(self._cloud)  # with a new session
        account = Account(place, self._plain)
        images = used.service.images if used else None
        built = build(self._cloud, self._folder, size=SIZE, drain_seconds=0, images=images, place=account.place)
        recipes.DRIVERS[driver](account, built)
        world = known(built, account)
        recipes.choose(world.cluster, driver)
        return world

    def give_back(self, world: World) -> None:
        wipe(world.account)
        self._free.append(world)


def known(service: Service, account: Account) -> World:
    """Makes a service known to the inventory."""
    place = service.place
    environment = Environment.objects.create(
        name=f"prod-{next(_NUMBERS)}-{place.account}",
        account_id=place.account,
        role_arn=place.role_arn,
        regions=[place.region],
    )
    refresh_cluster(environment, place.region, service.cluster)
    cluster = Cluster.objects.get(environment=environment, name=service.cluster)
    return World(service, environment, cluster, account)


def settle(world: World) -> None:
    """Waits until what AWS does by itself is done: deletions, and targets that leave."""
    wait_for(lambda: not world.account.deleting(), "deletions to end")


def wipe(account: Account) -> None:
    """Deletes all that an account holds, but the images that it was given."""
    grant_vcpus(account)
    if "image" in account.kinds:
        made.wipe(account)
    elbv2, ec2 = account.elbv2, account.ec2
    for balancer in elbv2.describe_load_balancers()["LoadBalancers"]:
        elbv2.delete_load_balancer(LoadBalancerArn=balancer["LoadBalancerArn"])
    _wipe_groups(account)
    for target_group in elbv2.describe_target_groups()["TargetGroups"]:
        elbv2.delete_target_group(TargetGroupArn=target_group["TargetGroupArn"])
    for template in ec2.describe_launch_templates()["LaunchTemplates"]:
        ec2.delete_launch_template(LaunchTemplateId=template["LaunchTemplateId"])
    alarms = account.cloudwatch.describe_alarms()["MetricAlarms"]
    if alarms:
        account.cloudwatch.delete_alarms(AlarmNames=[alarm["AlarmName"] for alarm in alarms])
    with contextlib.suppress(ClientError):  # a cloud without classic load balancers
        for balancer in account.elb.describe_load_balancers()["LoadBalancerDescriptions"]:
            account.elb.delete_load_balancer(LoadBalancerName=balancer["LoadBalancerName"])


def no_security_groups(account: Account) -> bool:
    """Deletes those that are not needed any more, but the VPC's own; answers whether none is left."""
    found = account.ec2.describe_security_groups()["SecurityGroups"]
    ours = [each for each in found if each["GroupName"] != "default"]
    for each in ours:
        with contextlib.suppress(ClientError):
            account.ec2.delete_security_group(GroupId=each["GroupId"])
    return not ours


def grant_vcpus(account: Account, count: int = PLENTY) -> None:
    """How many vCPUs may run at once."""
    service, code = VCPUS
    client = account.place.client("service-quotas")
    client.request_service_quota_increase(ServiceCode=service, QuotaCode=code, DesiredValue=count)


def _wipe_groups(account: Account) -> None:
    scaling = account.autoscaling
    for group in account.groups():
        if "Status" in group:
            continue
        name = {"AutoScalingGroupName": group["AutoScalingGroupName"]}
        if group.get("DeletionProtection", "none") != "none":
            scaling.update_auto_scaling_group(DeletionProtection="none", **name)
        scaling.delete_auto_scaling_group(ForceDelete=True, **name)
    for configuration in scaling.describe_launch_configurations()["LaunchConfigurations"]:
        scaling.delete_launch_configuration(LaunchConfigurationName=configuration["LaunchConfigurationName"])
