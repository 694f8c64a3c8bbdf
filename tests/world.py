"""A service on the embedded cloud as its owners would have built it: load balancer, target group, template, group."""

from __future__ import annotations

import base64
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from apps.localcloud import sample
from apps.localcloud.launch import RunningCloud
from tests.cloud_fixture import Place, new_place

READY_WITHIN = 60.0


@dataclass
class Service:
    """One cluster with its first group serving; `images` are AMI ids by version."""

    place: Place
    application: str
    cluster: str
    group: str
    url: str
    target_group: str
    template: str
    images: dict[str, str] = field(default_factory=dict)

    def groups(self) -> dict[str, Any]:
        """Every group of the region by name, as AWS describes it."""
        found = self.place.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
        return {group["AutoScalingGroupName"]: group for group in found}

    def target_states(self) -> list[str]:
        """The state of each target of the service's target group."""
        answer = self.place.client("elbv2").describe_target_health(TargetGroupArn=self.target_group)
        return [target["TargetHealth"]["State"] for target in answer["TargetHealthDescriptions"]]

    def answer(self, path: str = "") -> str:
        """What the service says now."""
        with urllib.request.urlopen(f"{self.url}{path}", timeout=10) as response:
            return str(response.read().decode())


def build(
    cloud: RunningCloud,
    folder: Path,
    *,
    cluster: str = "api-prod",
    size: int = 2,
    place: Place | None = None,
    user_data: str = "",
    bad: tuple[str, ...] = ("never_healthy",),
    attach: str = "TargetGroupARNs",
    drain_seconds: int = 2,
    images: dict[str, str] | None = None,
    **group: Any,
) -> Service:
    """Builds a service and waits until its first group serves version 1.0.0.

    Good images are 1.0.0, 1.1.0 and 1.2.0; each of `bad` is an image of that fault. `images` are those that an earlier
    service of this place had. `group` adds to, or replaces, parameters of CreateAutoScalingGroup.
    """
    where = place or new_place(cloud)
    application = cluster.split("-")[0]
    ec2, elbv2 = where.client("ec2"), where.client("elbv2")
    if images is None:
        images = {version: register_image(ec2, folder, application, version) for version in ("1.0.0", "1.1.0", "1.2.0")}
        images |= {fault: register_image(ec2, folder, application, f"2.0.0-{fault}", fault) for fault in bad}
    subnets = ec2.describe_subnets()["Subnets"]
    target_group = elbv2.create_target_group(
        Name=f"{cluster}-tg"[:32],
        Protocol="HTTP",
        Port=8080,
        VpcId=subnets[0]["VpcId"],
        HealthCheckPath="/health",
        HealthCheckIntervalSeconds=5,
        HealthCheckTimeoutSeconds=2,
        HealthyThresholdCount=2,
        UnhealthyThresholdCount=2,
    )["TargetGroups"][0]["TargetGroupArn"]
    elbv2.modify_target_group_attributes(
        TargetGroupArn=target_group,
        Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": str(drain_seconds)}],
    )
    balancer = elbv2.create_load_balancer(Name=f"{cluster}-lb"[:32], Subnets=[subnet["SubnetId"] for subnet in subnets])
    balancer = balancer["LoadBalancers"][0]
    elbv2.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Protocol="HTTP",
        Port=8080,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": target_group}],
    )
    template = ec2.create_launch_template(
        LaunchTemplateName=cluster,
        LaunchTemplateData={
            "ImageId": images["1.0.0"],
            "InstanceType": "t3.small",
            "UserData": base64.b64encode((user_data or "export METRICS_SECONDS=1\n").encode()).decode(),
        },
    )["LaunchTemplate"]["LaunchTemplateId"]
    name = f"{cluster}-v000"
    source = [target_group] if attach == "TargetGroupARNs" else [{"Identifier": target_group, "Type": "elbv2"}]
    parameters = {
        "MinSize": 1,
        "MaxSize": size + 2,
        "DesiredCapacity": size,
        "LaunchTemplate": {"LaunchTemplateId": template, "Version": "1"},
        "VPCZoneIdentifier": ",".join(subnet["SubnetId"] for subnet in subnets),
        attach: source,
        "HealthCheckType": "ELB",
        "HealthCheckGracePeriod": 10,
        "Tags": [{"Key": "owner", "Value": "team-api", "PropagateAtLaunch": True}],
        **group,
    }
    where.client("autoscaling").create_auto_scaling_group(AutoScalingGroupName=name, **parameters)
    service = Service(where, application, cluster, name, f"http://{balancer['DNSName']}:8080/", target_group, template)
    service.images = images
    wait_for(lambda: service.target_states() == ["healthy"] * size, f"{name} to serve")
    return service


def wait_for(condition: Any, what: str, within: float = READY_WITHIN) -> None:
    """Looks until the condition holds; fails with `what` was waited for when it does not in time."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"waited {within:g} s in vain for {what}"
        time.sleep(0.05)


def register_image(ec2: Any, folder: Path, application: str, version: str, fault: str | None = None) -> str:
    """An image of the sample service with the tags that the console reads; answers its AMI id."""
    tree = folder / f"{application}-{version}"
    if not tree.exists():
        sample.build(tree, application, version, fault=fault)
    return str(
        ec2.register_image(
            Name=f"{application}-{version}",
            Architecture="x86_64",
            ImageLocation=f"localcloud:{tree}",
            TagSpecifications=[
                {
                    "ResourceType": "image",
                    "Tags": [
                        {"Key": "application", "Value": application},
                        {"Key": "version", "Value": version},
                        {"Key": "commit", "Value": "0123abc"},
                    ],
                }
            ],
        )["ImageId"]
    )
