"""What an Auto Scaling group has beyond its describe: policies, schedules, hooks, notifications, and alarms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Described = Mapping[str, Any]  # one member of an answer, in AWS's own names


@dataclass(frozen=True)
class GroupExtras:
    """What a group has beyond its describe, each as AWS described it."""

    lifecycle_hooks: tuple[Described, ...] = ()
    scaling_policies: tuple[Described, ...] = ()
    scheduled_actions: tuple[Described, ...] = ()
    notifications: tuple[Described, ...] = ()


@dataclass(frozen=True)
class AlarmState:
    """A CloudWatch alarm; `state` is OK, ALARM or INSUFFICIENT_DATA. `raw` holds every member AWS sent."""

    name: str
    state: str
    reason: str = ""
    composite: bool = False
    raw: Described = field(default_factory=dict)
