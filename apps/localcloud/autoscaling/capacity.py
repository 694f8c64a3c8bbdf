"""Changing a group's desired capacity, and the pauses that policies keep after they did: cooldown and warm-up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.localcloud.autoscaling.activities import stamp
from apps.localcloud.autoscaling.engine import touch
from apps.localcloud.autoscaling.model import Group, ScaleOut
from apps.localcloud.cloud import Cloud, now


@dataclass(frozen=True)
class Sizes:
    low: int
    high: int
    desired: int


def change(cloud: Cloud, group: Group, wanted: Sizes, because: str) -> None:
    """Makes the wish so. `because` begins the sentence of the activities that follow: "a user request ..."."""
    if (wanted.low, wanted.high, wanted.desired) != (group.min_size, group.max_size, group.desired):
        group.capacity_cause = (
            f"At {stamp()} {because} changing the desired capacity from {group.desired} to {wanted.desired}."
        )
    group.min_size, group.max_size, group.desired = wanted.low, wanted.high, wanted.desired
    forget_failures(group)
    touch(cloud, group)


def forget_failures(group: Group) -> None:
    """A changed wish is tried at once, however often the last one failed."""
    group.launch_failures, group.launch_not_before = 0, None


def scale(cloud: Cloud, group: Group, desired: int, because: str) -> bool:
    """Sets the desired capacity to `desired`, or as near as the bounds allow; False when that changes nothing."""
    desired = max(group.min_size, min(group.max_size, desired))
    if desired == group.desired:
        return False
    change(cloud, group, Sizes(group.min_size, group.max_size, desired), because)
    return True


def cools_down(group: Group) -> bool:
    """Whether a simple policy must wait for the one before it."""
    return group.cool_until is not None and now() < group.cool_until


def start_cooldown(cloud: Cloud, group: Group, seconds: float) -> None:
    """From the decision on: AWS counts from the end of the activity that follows it."""
    group.cool_until = now() + timedelta(seconds=seconds / cloud.options.scaling_divisor)


def start_warm_up(cloud: Cloud, group: Group, base: int, seconds: float) -> None:
    """What a policy launches now does not count for its next step until it is warm. Going on keeps the first base."""
    going_on = warm_up(group)
    since: datetime = going_on.since if going_on else now()
    group.scale_out = ScaleOut(going_on.base if going_on else base, since, seconds / cloud.options.scaling_divisor)


def warm_up(group: Group) -> ScaleOut | None:
    """The last scale-out by a policy, while what it launched is not warm."""
    out = group.scale_out
    if out is None:
        return None
    launched = [one for one in group.members.values() if one.joined >= out.since and one.counts]
    cold = any(_cold(one.in_service_at, out.seconds) for one in launched)
    if not cold and len(group.capacity()) >= group.desired:
        group.scale_out = out = None
    return out


def _cold(in_service_at: datetime | None, seconds: float) -> bool:
    return in_service_at is None or (now() - in_service_at).total_seconds() < seconds
