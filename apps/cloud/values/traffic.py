"""Load balancers, listeners, rules, target groups and the health of targets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class LoadBalancerState:
    arn: str
    name: str
    dns_name: str
    scheme: str
    state: str
    vpc_id: str = ""
    zone_id: str = ""  # the hosted zone of its DNS name, which is AWS's own
    subnets: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClassicLoadBalancerState:
    """A classic load balancer; `instances` are the ids registered with it."""

    name: str
    dns_name: str = ""
    scheme: str = ""
    vpc_id: str = ""
    instances: tuple[str, ...] = ()
    draining_seconds: int = 0  # how long an instance that leaves keeps its requests in flight; 0: not at all


@dataclass(frozen=True)
class ListenerState:
    arn: str
    load_balancer: str  # ARN
    port: int
    protocol: str
    certificate: str = ""  # ARN of its default one; empty where it has none


@dataclass(frozen=True)
class Forward:
    """One target group of a forward action and its weight (0-999)."""

    target_group: str  # ARN
    weight: int


@dataclass(frozen=True)
class RuleState:
    """A listener rule; `priority` is "default" or a number as text."""

    arn: str
    listener: str  # ARN
    priority: str
    forwards: tuple[Forward, ...] = ()
    conditions: tuple[str, ...] = ()  # in words, for display
    # as AWS answered them; of fresh reads only
    actions: tuple[Mapping[str, Any], ...] = field(default=(), repr=False, compare=False)


@dataclass(frozen=True)
class TargetGroupState:
    arn: str
    name: str
    protocol: str
    port: int
    target_type: str
    vpc_id: str
    health_path: str
    health_interval: int  # seconds
    healthy_threshold: int
    load_balancers: tuple[str, ...] = ()  # ARNs
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def deregistration_delay(self) -> int:
        """Seconds a deregistered target keeps its requests in flight; AWS's default is 300."""
        return int(self.attributes.get("deregistration_delay.timeout_seconds", "300"))


@dataclass(frozen=True)
class TargetHealth:
    """A target as DescribeTargetHealth answers it; state is initial, healthy, unhealthy, unused, draining, ...

    An instance of a classic load balancer is told in the same words.
    """

    target_group: str  # ARN; of a classic load balancer, its name
    id: str
    port: int
    state: str
    reason: str = ""
    description: str = ""

    @property
    def healthy(self) -> bool:
        return self.state == "healthy"
