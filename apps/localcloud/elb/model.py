"""What classic load balancing remembers of one account and region."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from apps.localcloud.cloud import Cloud, now
from apps.localcloud.errors import AwsError
from apps.localcloud.interfaces import ListenerConfig, TargetGroupConfig

Plan = tuple[tuple[ListenerConfig, ...], tuple[TargetGroupConfig, ...]]


@dataclass(frozen=True)
class Listener:
    protocol: str  # HTTP or TCP
    port: int
    instance_port: int

    def view(self) -> dict[str, Any]:
        return {
            "Protocol": self.protocol,
            "LoadBalancerPort": self.port,
            "InstanceProtocol": self.protocol,
            "InstancePort": self.instance_port,
        }


@dataclass(frozen=True)
class Check:
    target: str  # "HTTP:8080/health" or "TCP:8080"
    interval: int = 30
    timeout: int = 5
    unhealthy_threshold: int = 2
    healthy_threshold: int = 10

    def view(self) -> dict[str, Any]:
        return {
            "Target": self.target,
            "Interval": self.interval,
            "Timeout": self.timeout,
            "UnhealthyThreshold": self.unhealthy_threshold,
            "HealthyThreshold": self.healthy_threshold,
        }


@dataclass
class Enrolment:
    """A registered instance. `leaving` is when its draining ends at latest; None while it is registered."""

    instance_id: str
    leaving: datetime | None = None


@dataclass
class Balancer:
    name: str
    account: str
    region: str
    address: str
    vpc: str
    scheme: str
    zones: dict[str, str]  # zone to subnet id
    security_groups: list[str]
    check: Check
    created: datetime = field(default_factory=now)
    listeners: dict[int, Listener] = field(default_factory=dict)  # by their port
    instances: dict[str, Enrolment] = field(default_factory=dict)
    cross_zone: bool = False
    draining: bool = False
    draining_seconds: int = 300
    idle_seconds: int = 60
    tags: dict[str, str] = field(default_factory=dict)
    planned: Plan | None = None  # for the data plane; None: to be planned anew

    @property
    def arn(self) -> str:
        return f"arn:aws:elasticloadbalancing:{self.region}:{self.account}:loadbalancer/{self.name}"

    def group_arn(self, instance_port: int) -> str:
        """What the data plane knows the instances by, on one of their ports."""
        return f"{self.arn}/{instance_port}"

    def registered(self) -> list[str]:
        return [one.instance_id for one in self.instances.values() if one.leaving is None]


@dataclass
class Classic:
    """The classic load balancers of one account and region, by name."""

    balancers: dict[str, Balancer] = field(default_factory=dict)

    def require(self, name: str) -> Balancer:
        if name not in self.balancers:
            raise AwsError("LoadBalancerNotFound", f"There is no ACTIVE Load Balancer named '{name}'")
        return self.balancers[name]


def classic(cloud: Cloud, account: str, region: str) -> Classic:
    return cloud.state(Classic, account, region)
