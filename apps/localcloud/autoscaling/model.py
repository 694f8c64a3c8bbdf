"""What Auto Scaling remembers of one account and region."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from apps.localcloud.autoscaling.activities import Activity
from apps.localcloud.autoscaling.cron import Cron
from apps.localcloud.cloud import Cloud, now
from apps.localcloud.ec2.machines import Machine
from apps.localcloud.errors import AwsError, validation_error

PROCESSES = (
    "Launch",
    "Terminate",
    "AddToLoadBalancer",
    "AlarmNotification",
    "AZRebalance",
    "HealthCheck",
    "InstanceRefresh",
    "ReplaceUnhealthy",
    "ScheduledActions",
)
BY_TARGET_GROUPS = "target-groups"  # attached with AttachLoadBalancerTargetGroups or TargetGroupARNs
BY_TRAFFIC_SOURCES = "traffic-sources"  # attached with AttachTrafficSources or TrafficSources
BY_LOAD_BALANCERS = "load-balancers"  # attached with AttachLoadBalancers or LoadBalancerNames
_ACTIVITIES_KEPT = 500


def kind_of(identifier: str) -> str:
    """The type of a traffic source: `elbv2` (a target group's ARN) or `elb` (a classic load balancer's name)."""
    return "elbv2" if identifier.startswith("arn:") else "elb"


@dataclass
class Attachment:
    """A target group or classic load balancer that the group's instances are registered in."""

    arn: str  # of a classic load balancer: its name
    how: str  # BY_TARGET_GROUPS, BY_TRAFFIC_SOURCES or BY_LOAD_BALANCERS
    at_creation: bool = False
    settled: bool = False  # everybody was registered once
    removing: bool = False

    @property
    def kind(self) -> str:
        return kind_of(self.arn)


@dataclass
class LifecycleAction:
    """One hook's hold on one member."""

    hook: dict[str, Any]  # as it was when the action began
    token: str
    began: datetime = field(default_factory=now)
    deadline: datetime = field(default_factory=now)  # when the default result is taken
    last: datetime = field(default_factory=now)  # how far heartbeats may move the deadline
    result: str = ""  # CONTINUE or ABANDON; empty while it is open
    because: str = ""  # how the result came about, in the activity's words


@dataclass
class Member:
    """An instance of the group. Terminating ones stay until their machine is terminated."""

    machine: Machine
    lifecycle: str = "Pending"  # as AWS names it, from Warmed:Pending to Terminating:Proceed
    health: str = "Healthy"
    protected: bool = False
    joined: datetime = field(default_factory=now)
    in_service_at: datetime | None = None
    unhealthy_because: str = ""  # the sentence of its Cause
    activity: Activity | None = None  # the one under way
    actions: dict[str, LifecycleAction] = field(default_factory=dict)  # of the present transition, by hook
    weight: int = 1  # units of the group's capacity
    configuration: str = ""  # the launch configuration that it was launched from
    from_pool: bool = False

    @property
    def id(self) -> str:
        return self.machine.id

    @property
    def counts(self) -> bool:
        """Whether it is part of the group's present capacity."""
        return self.lifecycle.startswith("Pending") or self.lifecycle == "InService"

    @property
    def leaves(self) -> bool:
        return self.lifecycle.startswith("Terminating")


@dataclass
class Schedule:
    """A scheduled action that will run yet."""

    settings: dict[str, Any]  # as described, but for StartTime
    zone: tzinfo
    cron: Cron | None  # without one it runs once
    end: datetime | None
    next: datetime  # when it runs next, as it is told
    due: datetime = field(default_factory=now)  # when that is here; the same, unless minutes are shorter


@dataclass(frozen=True)
class ScaleOut:
    """A policy's launching of members that do not count for its next step until they are warm."""

    base: int  # the desired capacity before it
    since: datetime
    seconds: float  # of warm-up, after a member is in service


@dataclass
class Group:
    name: str
    arn: str
    account: str
    region: str
    min_size: int
    max_size: int
    desired: int
    launch: dict[str, Any]  # LaunchTemplate, MixedInstancesPolicy or LaunchConfigurationName, as described
    zones: list[str]
    subnets: list[str]
    created: datetime = field(default_factory=now)
    status: str | None = None
    health_check_type: str = "EC2"
    health_check_grace: int = 0
    default_cooldown: int = 300
    termination_policies: list[str] = field(default_factory=lambda: ["Default"])
    protect_new: bool = False
    other: dict[str, Any] = field(default_factory=dict)  # members that are kept and described as given
    tags: dict[str, tuple[str, bool]] = field(default_factory=dict)  # key to (value, propagate at launch)
    suspended: dict[str, str] = field(default_factory=dict)  # process to reason
    attachments: dict[str, Attachment] = field(default_factory=dict)  # by target group ARN or load balancer name
    members: dict[str, Member] = field(default_factory=dict)
    warm_pool: dict[str, Any] | None = None  # its configuration, as described
    pool: dict[str, Member] = field(default_factory=dict)  # those who wait in it
    rebalancing: str = ""  # the member that was launched to even the zones
    notifications: dict[str, list[str]] = field(default_factory=dict)  # topic to the types it is told
    hooks: dict[str, dict[str, Any]] = field(default_factory=dict)  # lifecycle hooks by name, as described
    policies: dict[str, dict[str, Any]] = field(default_factory=dict)  # scaling policies by name, as described
    schedules: dict[str, Schedule] = field(default_factory=dict)
    # names of the alarms that target tracking made, by policy and then by AlarmHigh or AlarmLow
    tracking_alarms: dict[str, dict[str, str]] = field(default_factory=dict)
    cool_until: datetime | None = None  # no simple policy acts before
    scale_out: ScaleOut | None = None  # the last by a policy
    activities: deque[Activity] = field(default_factory=lambda: deque(maxlen=_ACTIVITIES_KEPT))  # newest first
    metrics: set[str] = field(default_factory=set)
    launch_failures: int = 0
    launch_not_before: datetime | None = None
    capacity_cause: str = ""  # the sentence that tells why the wish differs from what there is

    def runs(self, process: str) -> bool:
        return process not in self.suspended

    @property
    def deleting(self) -> bool:
        return self.status is not None

    def capacity(self) -> list[Member]:
        return [one for one in self.members.values() if one.counts]

    def units(self) -> int:
        """The present capacity, as the desired one is counted."""
        return sum(one.weight for one in self.capacity())

    def everybody(self) -> list[Member]:
        """Members and those in the warm pool."""
        return [*self.members.values(), *self.pool.values()]


@dataclass
class Groups:
    by_name: dict[str, Group] = field(default_factory=dict)
    deleted: deque[Group] = field(default_factory=lambda: deque(maxlen=100))
    configurations: dict[str, dict[str, Any]] = field(default_factory=dict)  # launch configurations, as described

    def require(self, name: str) -> Group:
        found = self.by_name.get(name)
        if found is None:
            raise validation_error(f"AutoScalingGroup name not found - AutoScalingGroup '{name}' not found")
        return found

    def changeable(self, name: str) -> Group:
        """The group, unless it is being deleted. Raises AwsError."""
        found = self.require(name)
        if found.deleting:
            raise AwsError(
                "ScalingActivityInProgress", f"AutoScalingGroup '{name}' is pending delete and cannot be changed"
            )
        return found

    def member(self, instance_id: str) -> tuple[Group, Member]:
        for group in self.by_name.values():
            if instance_id in group.members:
                return group, group.members[instance_id]
        raise validation_error(f"Instance Id not found - No managed instance found for instance ID {instance_id}")


def groups(cloud: Cloud, account: str, region: str) -> Groups:
    return cloud.state(Groups, account, region)


def template_of(launch: Mapping[str, Any]) -> dict[str, Any] | None:
    """The launch template reference of a group, whether alone or in a mixed instances policy."""
    if "LaunchTemplate" in launch:
        return dict(launch["LaunchTemplate"])
    policy = launch.get("MixedInstancesPolicy")
    return dict(policy["LaunchTemplate"]["LaunchTemplateSpecification"]) if policy else None
