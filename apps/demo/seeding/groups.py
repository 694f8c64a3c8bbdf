"""A cluster as people build them: load balancer, target group, launch template, Auto Scaling group."""

from __future__ import annotations

import base64
import time

from apps.demo.seeding.place import Place
from apps.demo.seeding.plan import Application, Fleet

PORT = 8080  # of the services, and of the load balancers: below 1024 needs root
INSTANCE_TYPE = "t3.small"
HEALTHY_WITHIN = 90.0  # seconds
USER_DATA = '#!/bin/sh\necho "starting as $INSTANCE_ID"\n'


def load_balancer(place: Place, fleet: Fleet) -> tuple[str, str]:
    """An application load balancer that forwards everything to one target group; its URL and the group's ARN."""
    target_group = place.balancing.create_target_group(
        Name=fleet.cluster,
        Protocol="HTTP",
        Port=PORT,
        VpcId=place.network,
        TargetType="instance",
        HealthCheckPath="/health",
        HealthCheckIntervalSeconds=5,
        HealthCheckTimeoutSeconds=2,
        HealthyThresholdCount=2,
        UnhealthyThresholdCount=2,
        Matcher={"HttpCode": "200"},
    )["TargetGroups"][0]["TargetGroupArn"]
    place.balancing.modify_target_group_attributes(
        TargetGroupArn=target_group,
        Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "5"}],
    )
    made = place.balancing.create_load_balancer(
        Name=fleet.cluster, Subnets=place.subnets, Scheme="internal", Type="application"
    )["LoadBalancers"][0]
    place.balancing.create_listener(
        LoadBalancerArn=made["LoadBalancerArn"],
        Protocol="HTTP",
        Port=PORT,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": target_group}],
    )
    return f"http://{made['DNSName']}:{PORT}/", target_group


def group(
    place: Place, name: str, fleet: Fleet, application: Application, image: str, target_groups: list[str]
) -> None:
    """An Auto Scaling group with a launch template of its cluster's, pinned to version 1."""
    template = fleet.cluster if target_groups else name.replace("/", "-")
    place.ec2.create_launch_template(
        LaunchTemplateName=template,
        LaunchTemplateData={
            "ImageId": image,
            "InstanceType": INSTANCE_TYPE,
            "MetadataOptions": {"HttpTokens": "required"},
            "UserData": base64.b64encode(USER_DATA.encode()).decode(),
        },
    )
    place.scaling.create_auto_scaling_group(
        AutoScalingGroupName=name,
        LaunchTemplate={"LaunchTemplateName": template, "Version": "1"},
        MinSize=fleet.size,
        MaxSize=fleet.size * 2,
        DesiredCapacity=fleet.size,
        VPCZoneIdentifier=",".join(place.subnets),
        TargetGroupARNs=target_groups,
        HealthCheckType="ELB" if target_groups else "EC2",
        HealthCheckGracePeriod=30,
        DefaultCooldown=60,
        Tags=[_tag(name, key, value) for key, value in _tags(name, application).items()],
    )


def await_healthy(place: Place, target_group: str, size: int) -> None:
    """Returns once `size` targets are healthy. Raises TimeoutError with what was seen last."""
    deadline = time.monotonic() + HEALTHY_WITHIN
    while True:
        found = place.balancing.describe_target_health(TargetGroupArn=target_group)["TargetHealthDescriptions"]
        states = [one.get("TargetHealth", {}).get("State", "") for one in found]
        if states.count("healthy") >= size:
            return
        if time.monotonic() > deadline:
            raise TimeoutError(f"{target_group}: {size} healthy targets wanted, seen {states}")
        time.sleep(0.2)


def _tags(name: str, application: Application) -> dict[str, str]:
    return {"Name": name, "application": application.name, "owner": application.owner}


def _tag(group_name: str, key: str, value: str) -> dict[str, object]:
    return {
        "ResourceId": group_name,
        "ResourceType": "auto-scaling-group",
        "Key": key,
        "Value": value,
        "PropagateAtLaunch": True,
    }
