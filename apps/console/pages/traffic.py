"""The pages of a load balancer and of a target group."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apps.console.pages.common import State


@dataclass(frozen=True)
class WeightLine:
    """A target group that a rule forwards to. `href` is empty where nothing is known of it."""

    name: str
    href: str
    weight: int
    percent: float  # of what the rule gets


@dataclass(frozen=True)
class RuleLine:
    """A rule: where requests of which kind go. `listener` as "HTTP:80"."""

    listener: str
    balancer: str
    balancer_href: str
    priority: str
    when: str
    goes_to: tuple[WeightLine, ...]


@dataclass(frozen=True)
class TargetLine:
    """A target as the target group finds it. `group` is the Auto Scaling group that it is in."""

    id: str
    href: str
    port: int
    state: State
    reason: str
    group: str
    group_href: str


@dataclass(frozen=True)
class TargetGroupPage:
    """`targets` are read from AWS now; `problem` says why they are not there."""

    environment: str
    region: str
    name: str
    arn: str
    facts: tuple[tuple[str, str], ...]
    rules: tuple[RuleLine, ...]
    groups: tuple[tuple[str, str], ...]  # name and link of those attached to it
    targets: tuple[TargetLine, ...]
    read_at: datetime
    problem: str = ""
    unread: bool = False  # the rules of a load balancer before it were not read yet

    @property
    def no_rules(self) -> str:
        """What is said where no rule is shown."""
        if self.unread:
            return "Not known yet: the rules of its load balancers were not read from AWS so far."
        return "No rule forwards to it: it is neither checked nor sent anything."


@dataclass(frozen=True)
class LoadBalancerPage:
    environment: str
    region: str
    name: str
    arn: str
    facts: tuple[tuple[str, str], ...]
    rules: tuple[RuleLine, ...]
    read_at: datetime
    listeners_read_at: datetime | None

    @property
    def no_rules(self) -> str:
        """What is said where no rule is shown."""
        read = self.listeners_read_at is not None
        return "It has no listener that forwards." if read else "Its listeners were not read from AWS so far."
