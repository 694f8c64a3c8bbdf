"""Builds a small service in an empty account of the embedded cloud, as other tools would have left it there."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from apps.localcloud import sample
from tests.cloud_fixture import Place


@dataclass(frozen=True)
class Shop:
    """Networks, AMIs, target groups and a load balancer, made when first asked for."""

    place: Place
    folder: Path  # of its images

    @cached_property
    def ec2(self) -> Any:
        return self.place.client("ec2")

    @cached_property
    def elbv2(self) -> Any:
        return self.place.client("elbv2")

    @cached_property
    def autoscaling(self) -> Any:
        return self.place.client("autoscaling")

    @cached_property
    def vpc(self) -> str:
        return str(self.ec2.describe_vpcs()["Vpcs"][0]["VpcId"])

    @cached_property
    def subnets(self) -> list[str]:
        found = self.ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [self.vpc]}])["Subnets"]
        return sorted(each["SubnetId"] for each in found)[:2]

    def image(self, name: str, version: str, **tags: str) -> str:
        """An AMI of the sample service; the tags beside its version."""
        sample.build(self.folder / version, name, version)
        answer = self.ec2.register_image(
            Name=f"{name}-{version}", Architecture="x86_64", ImageLocation=f"localcloud:{self.folder / version}"
        )
        given = {"version": version, **tags}
        self.ec2.create_tags(
            Resources=[answer["ImageId"]], Tags=[{"Key": key, "Value": value} for key, value in given.items()]
        )
        return str(answer["ImageId"])

    def template(self, name: str, image: str) -> str:
        data = {"ImageId": image, "InstanceType": "t3.micro"}
        answer = self.ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)
        return str(answer["LaunchTemplate"]["LaunchTemplateId"])

    def target_group(self, name: str) -> str:
        answer = self.elbv2.create_target_group(
            Name=name,
            Protocol="HTTP",
            Port=8080,
            VpcId=self.vpc,
            HealthCheckPath="/health",
            HealthCheckIntervalSeconds=5,
            HealthCheckTimeoutSeconds=2,
            HealthyThresholdCount=2,
        )
        return str(answer["TargetGroups"][0]["TargetGroupArn"])

    def load_balancer(self, name: str, **weights: int) -> str:
        """One listener that forwards by these weights (ARN to weight); the load balancer's ARN."""
        answer = self.elbv2.create_load_balancer(Name=name, Subnets=self.subnets)
        arn = str(answer["LoadBalancers"][0]["LoadBalancerArn"])
        forward = [{"TargetGroupArn": each, "Weight": weight} for each, weight in weights.items()]
        action = {"Type": "forward", "ForwardConfig": {"TargetGroups": forward}}
        self.elbv2.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=[action])
        return arn

    def group(self, name: str, template: str, size: int = 0, target_groups: tuple[str, ...] = ()) -> None:
        self.autoscaling.create_auto_scaling_group(
            AutoScalingGroupName=name,
            LaunchTemplate={"LaunchTemplateId": template, "Version": "1"},
            MinSize=0,
            MaxSize=9,
            DesiredCapacity=size,
            VPCZoneIdentifier=",".join(self.subnets),
            TargetGroupARNs=list(target_groups),
        )

    @cached_property
    def template_id(self) -> str:
        return str(self.ec2.describe_launch_templates()["LaunchTemplates"][0]["LaunchTemplateId"])

    @cached_property
    def target_group_arn(self) -> str:
        return str(self.elbv2.describe_target_groups()["TargetGroups"][0]["TargetGroupArn"])


def usual_shop(place: Place, folder: Path) -> Shop:
    """A cluster of one serving group and an older one, and a group whose name follows no grammar."""
    made = Shop(place, folder)
    image = made.image("shop.api", "4.1.9", application="shop.api", commit="abc1234")
    template, arn = made.template("shop", image), made.target_group("shop")
    made.load_balancer("shop", **{arn: 7})
    made.group("shop.api-main-v001", template)
    made.group("shop.api-main-v002", template, 2, (arn,))
    made.group("terraform made this", template)
    return made


def eventually(check: Callable[[], None], within: float = 20.0) -> None:
    """Repeats an assertion until it holds: the embedded cloud takes its time, as AWS does."""
    deadline = time.monotonic() + within
    while True:
        try:
            return check()
        except AssertionError:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.05)
