"""What ELBv2 remembers of one account and region."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from apps.localcloud.cloud import Cloud, now
from apps.localcloud.errors import AwsError
from apps.localcloud.interfaces import ListenerConfig, TargetGroupConfig

Action = dict[str, Any]  # as botocore's Action shape, completed as AWS describes it
Condition = dict[str, Any]


@dataclass
class Rule:
    arn: str
    priority: int | None  # None: the listener's default rule
    conditions: list[Condition]
    actions: list[Action]

    def target_groups(self) -> list[tuple[str, int]]:
        """(ARN, weight) of each group it forwards to."""
        return [
            (str(one["TargetGroupArn"]), int(one.get("Weight", 1)))
            for action in self.actions
            for one in action.get("ForwardConfig", {}).get("TargetGroups", [])
        ]


@dataclass
class Listener:
    arn: str
    load_balancer: str  # ARN
    port: int
    protocol: str
    default: Rule
    rules: dict[str, Rule] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    certificate: str = ""  # ARN; of HTTPS, as the next
    ssl_policy: str = ""

    def ordered_rules(self) -> list[Rule]:
        """In the order they are tried; the default rule last."""
        return [*sorted(self.rules.values(), key=lambda rule: rule.priority or 0), self.default]


@dataclass
class LoadBalancer:
    arn: str
    name: str
    address: str
    vpc: str
    scheme: str
    subnets: dict[str, str]  # zone to subnet id
    security_groups: list[str]
    ip_address_type: str
    created: datetime = field(default_factory=now)
    state: str = "provisioning"
    attributes: dict[str, str] = field(default_factory=dict)
    listeners: dict[str, Listener] = field(default_factory=dict)
    planned: tuple[ListenerConfig, ...] | None = None  # for the data plane; None: to be planned anew


@dataclass
class Registration:
    """A target of a group. `leaving` is when its deregistration ends; None while it is registered."""

    id: str
    port: int
    address: str
    leaving: datetime | None = None


@dataclass
class TargetGroup:
    arn: str
    name: str
    protocol: str
    protocol_version: str
    port: int
    vpc: str
    target_type: str
    health_check: dict[str, Any]  # HealthCheckPath, HealthCheckIntervalSeconds, ... and Matcher, as described
    attributes: dict[str, str] = field(default_factory=dict)
    targets: dict[tuple[str, int], Registration] = field(default_factory=dict)
    planned: TargetGroupConfig | None = None  # for the data plane; None: to be planned anew

    @property
    def deregistration_delay(self) -> float:
        return float(self.attributes["deregistration_delay.timeout_seconds"])


@dataclass
class Balancing:
    """Load balancers and target groups of one account and region, by ARN."""

    load_balancers: dict[str, LoadBalancer] = field(default_factory=dict)
    target_groups: dict[str, TargetGroup] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    groups_of: dict[str, set[str]] = field(default_factory=dict)  # target id to the ARNs of groups that list it
    _users: dict[str, dict[str, None]] | None = None  # target group to load balancers, derived from the rules

    def rules(self) -> Iterator[tuple[LoadBalancer, Listener, Rule]]:
        for balancer in self.load_balancers.values():
            for listener in balancer.listeners.values():
                for rule in listener.ordered_rules():
                    yield balancer, listener, rule

    def balancers_of(self, target_group: str) -> list[str]:
        """ARNs of the load balancers that forward to a group."""
        if self._users is None:
            self._users = {}
            for balancer, _, rule in self.rules():
                for arn, _ in rule.target_groups():
                    self._users.setdefault(arn, {})[balancer.arn] = None
        return list(self._users.get(target_group, ()))

    def groups_used_by(self, balancer: LoadBalancer) -> set[str]:
        """ARNs of the target groups that a balancer's listeners and rules name."""
        rules = [rule for listener in balancer.listeners.values() for rule in listener.ordered_rules()]
        return {arn for rule in rules for arn, _ in rule.target_groups()}

    def replan(self, balancer: LoadBalancer) -> None:
        """To be called after each change of the balancer's listeners and rules."""
        balancer.planned = self._users = None

    def load_balancer(self, arn: str) -> LoadBalancer:
        if arn not in self.load_balancers:
            raise AwsError("LoadBalancerNotFound", f"Load balancer '{arn}' not found")
        return self.load_balancers[arn]

    def target_group(self, arn: str) -> TargetGroup:
        if arn not in self.target_groups:
            raise AwsError("TargetGroupNotFound", f"Target group '{arn}' not found")
        return self.target_groups[arn]

    def listener(self, arn: str) -> Listener:
        for balancer in self.load_balancers.values():
            if arn in balancer.listeners:
                return balancer.listeners[arn]
        raise AwsError("ListenerNotFound", f"Listener '{arn}' not found")

    def rule(self, arn: str) -> tuple[Listener, Rule]:
        for _, listener, rule in self.rules():
            if rule.arn == arn:
                return listener, rule
        raise AwsError("RuleNotFound", f"Rule '{arn}' not found")


def balancing(cloud: Cloud, account: str, region: str) -> Balancing:
    return cloud.state(Balancing, account, region)


def new_arn(account: str, region: str, path: str) -> str:
    """An ARN that ends in `path` and sixteen random digits."""
    return f"arn:aws:elasticloadbalancing:{region}:{account}:{path}/{secrets.token_hex(8)}"
