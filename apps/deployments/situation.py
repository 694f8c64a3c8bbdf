"""Everything a plan is made from, read fresh from AWS; plain values, so that plans are pure and can be tested."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from apps.cloud.values import (
    AlarmState,
    ClassicLoadBalancerState,
    Described,
    GroupExtras,
    GroupState,
    ImageState,
    LaunchTemplateVersion,
    RuleState,
    TargetGroupState,
    TargetHealth,
)
from apps.deployments.models import ClusterPolicy
from apps.inventory.user_data import Template


@dataclass(frozen=True)
class Kept:
    """A group out of traffic that an earlier deployment keeps; it may have been deleted by somebody since.

    `sources` is what it took its traffic from, as the ledger has it, `driver` by which it was taken out of that, and
    `pairs`, where that moves weights, its own target groups to those that took over.
    """

    name: str
    arn: str
    sources: tuple[str, ...] = ()
    driver: str = ""
    pairs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Situation:
    """A cluster as it is now, and the image that shall serve.

    `serving` are names of groups that traffic reaches; `health` is by target group ARN and classic load balancer name.
    `template` is the launch template version that the serving group launches; None where it has none. Where it launches
    from a launch configuration, `template` is that one converted, without an id.
    """

    environment: str
    region: str
    cluster: str
    read_at: datetime
    groups: tuple[GroupState, ...]
    serving: tuple[str, ...]
    rules: tuple[RuleState, ...] = ()
    target_groups: Mapping[str, TargetGroupState] = field(default_factory=dict)  # by ARN
    classic_load_balancers: Mapping[str, ClassicLoadBalancerState] = field(default_factory=dict)  # by name
    health: Mapping[str, tuple[TargetHealth, ...]] = field(default_factory=dict)
    image: ImageState | None = None
    from_image: ImageState | None = None
    template: LaunchTemplateVersion | None = None
    configuration: Described | None = None  # the launch configuration it launches from instead
    extras: GroupExtras = field(default_factory=GroupExtras)
    alarms: Mapping[str, AlarmState] = field(
        default_factory=dict
    )  # those that trigger its policies, and those to watch
    architectures: tuple[str, ...] = ()  # that the group's instance types can run
    kept: tuple[Kept, ...] = ()
    left: tuple[str, ...] = ()  # what ended deployments left changed of those that serve, in sentences
    given: frozenset[str] = frozenset()  # names of groups to which we gave alarms or protection, which go with them
    boot_seconds: float | None = None  # how long this cluster's instances took to become healthy lately
    policy: ClusterPolicy = field(default_factory=ClusterPolicy)
    account: str = ""
    user_data: Template | None = None  # that its application's instances are told by; None: user data stays as it is
    user_data_was: int | None = None  # the number of its version that the serving group was made with, if recorded
    token: str = ""  # names this plan at AWS: client token, description of the template version

    def group(self, name: str) -> GroupState | None:
        return next((group for group in self.groups if group.name == name), None)

    @property
    def serving_group(self) -> GroupState | None:
        """The one group that serves; None when there is none or more than one."""
        return self.group(self.serving[0]) if len(self.serving) == 1 else None

    @property
    def newest(self) -> GroupState | None:
        """The cluster's newest group by creation time (numbers roll over, times do not)."""
        return max(self.groups, key=lambda group: group.created_at, default=None)


def version_of(image: ImageState | None) -> str:
    """What people call an image: its version tag, else its name, else its id."""
    if image is None:
        return ""
    return image.tags.get("version") or image.name or image.id
