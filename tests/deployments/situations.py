"""Situations for plans, without a cloud."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from apps.cloud.values import (
    Forward,
    GroupState,
    ImageState,
    LaunchTemplateRef,
    LaunchTemplateVersion,
    MemberState,
    RuleState,
    TargetGroupState,
    TargetHealth,
    TrafficSource,
)
from apps.deployments.situation import Situation

TG = "arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/api-prod-tg/1"
THEN = datetime(2026, 1, 1, tzinfo=UTC)


def group(name: str = "api-prod-v012", size: int = 6, **raw: Any) -> GroupState:
    members = tuple(MemberState(f"i-{name[-2:]}{n}", "us-east-1a", "InService", "Healthy", False) for n in range(size))
    described = {
        "AutoScalingGroupName": name,
        "DefaultCooldown": 300,
        "HealthCheckType": "ELB",
        "VPCZoneIdentifier": "subnet-1,subnet-2",
        "AvailabilityZones": ["us-east-1a", "us-east-1b"],
        "TargetGroupARNs": [TG],
        "TrafficSources": [{"Identifier": TG, "Type": "elbv2"}],
        "Tags": [
            {"Key": "owner", "Value": "api", "PropagateAtLaunch": True},
            {"Key": "aws:cloudformation:stack-id", "Value": "x", "PropagateAtLaunch": True},
            {"Key": "deployconsole:run", "Value": "12", "PropagateAtLaunch": False},
        ],
        "TerminationPolicies": ["Default"],
        "NewInstancesProtectedFromScaleIn": False,
        **raw,
    }
    return GroupState(
        name=name,
        arn=f"arn:{name}",
        created_at=THEN,
        min_size=4,
        max_size=12,
        desired=size,
        members=members,
        launch_template=LaunchTemplateRef("lt-1", "api-prod", "7"),
        traffic_sources=(TrafficSource(TG, "target-group"),),
        raw=described,
    )


def situation(stands: GroupState | None = None, **changes: Any) -> Situation:
    """v012 serves with six instances; 4.2.0 shall be pushed over 4.1.9."""
    stands = stands or group()
    made = Situation(
        environment="prod",
        region="us-east-1",
        cluster="api-prod",
        read_at=THEN,
        groups=(stands,),
        serving=(stands.name,),
        rules=(RuleState("rule", "listener", "default", (Forward(TG, 1),)),),
        target_groups={TG: TargetGroupState(TG, "api-prod-tg", "HTTP", 8080, "instance", "vpc", "/health", 5, 2)},
        health={TG: tuple(TargetHealth(TG, member.id, 8080, "healthy") for member in stands.members)},
        image=image("ami-new", "4.2.0"),
        from_image=image("ami-old", "4.1.9"),
        template=LaunchTemplateVersion(
            "lt-1", "api-prod", 7, "ami-old", "t3.small", "export A=1", THEN, data={"InstanceType": "t3.small"}
        ),
        token="token",
    )
    return replace(made, **changes)


def image(ami: str, version: str) -> ImageState:
    return ImageState(ami, f"api-{version}", "1", "available", "x86_64", THEN, {"version": version})
