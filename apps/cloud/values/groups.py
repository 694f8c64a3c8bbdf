"""Auto Scaling groups, their members, launch templates and activities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal


@dataclass(frozen=True)
class LaunchTemplateRef:
    """A launch template as a group names it. `version` is a number as text, or "$Latest" / "$Default"."""

    id: str
    name: str
    version: str


@dataclass(frozen=True)
class LaunchTemplateState:
    """A launch template as DescribeLaunchTemplates answers it; what it launches is in its versions."""

    id: str
    name: str
    default_version: int
    latest_version: int
    created_at: datetime
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class LaunchTemplateVersion:
    """One version of a launch template; `data` is AWS's LaunchTemplateData as it was answered."""

    id: str
    name: str
    version: int
    image_id: str
    instance_type: str
    user_data: str  # decoded
    created_at: datetime
    description: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class MemberState:
    """An instance as its Auto Scaling group sees it."""

    id: str
    zone: str
    lifecycle_state: str  # Pending, InService, Terminating, Standby, ...
    health_status: str  # Healthy, Unhealthy
    protected: bool
    instance_type: str = ""
    launch_template: LaunchTemplateRef | None = None

    @property
    def in_service(self) -> bool:
        return self.lifecycle_state == "InService" and self.health_status == "Healthy"


@dataclass(frozen=True)
class TrafficSource:
    """Something that sends a group its traffic, and the family of calls by which it was attached.

    `via` is "target-group" (AttachLoadBalancerTargetGroups), "traffic-source" (AttachTrafficSources)
    or "classic" (AttachLoadBalancers); the same family must detach it.
    """

    identifier: str  # target group ARN, or the classic load balancer's name
    via: Literal["target-group", "traffic-source", "classic"]
    type: str = "elbv2"


@dataclass(frozen=True)
class GroupState:
    """An Auto Scaling group as DescribeAutoScalingGroups answers it. `raw` holds every member AWS sent."""

    name: str
    arn: str
    created_at: datetime
    min_size: int
    max_size: int
    desired: int
    members: tuple[MemberState, ...] = ()
    launch_template: LaunchTemplateRef | None = None
    traffic_sources: tuple[TrafficSource, ...] = ()
    suspended: Mapping[str, str] = field(default_factory=dict)  # process name to AWS's reason text
    tags: Mapping[str, str] = field(default_factory=dict)
    zones: tuple[str, ...] = ()
    health_check_type: str = "EC2"
    health_check_grace: int = 0  # seconds
    status: str = ""  # "Delete in progress" while being deleted, else empty
    raw: Mapping[str, Any] = field(default_factory=dict)

    @property
    def in_service(self) -> tuple[MemberState, ...]:
        return tuple(member for member in self.members if member.in_service)

    @property
    def target_groups(self) -> tuple[str, ...]:
        """ARNs of every target group that sends this group traffic, however it was attached."""
        return tuple(source.identifier for source in self.traffic_sources if source.type == "elbv2")

    @property
    def classic_load_balancers(self) -> tuple[str, ...]:
        """Names of the classic load balancers that send this group traffic, however they were attached."""
        return tuple(source.identifier for source in self.traffic_sources if source.type == "elb")

    @property
    def registered_with(self) -> tuple[str, ...]:
        """Where its instances are checked and take traffic: target groups (ARN) and classic load balancers (name)."""
        return (*self.target_groups, *self.classic_load_balancers)


@dataclass(frozen=True)
class GroupSpec:
    """A group to create: the parameters of CreateAutoScalingGroup, in AWS's own names, beside its name."""

    name: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Activity:
    """A scaling activity: what Auto Scaling did, or could not do, and why."""

    id: str
    group: str
    status: str  # Successful, InProgress, Failed, Cancelled, ...
    description: str
    cause: str
    started_at: datetime
    ended_at: datetime | None = None
    status_message: str = ""
