"""How long steps are expected to take, in seconds: for progress bars, never for decisions."""

from __future__ import annotations

from apps.cloud.values import GroupState
from apps.deployments.situation import Situation


def boot_seconds(situation: Situation) -> float | None:
    """From the sizing of a group to its last healthy instance, as it was here lately; None where none was measured."""
    return situation.boot_seconds


def replace_seconds(situation: Situation, group: GroupState, rounds: int = 1) -> float | None:
    """Until others are healthy in the place of instances that drain, one round after the other; None as above."""
    boots = boot_seconds(situation)
    return None if boots is None else rounds * (boots + drain_seconds(situation, group))


def drain_seconds(situation: Situation, group: GroupState) -> float:
    """The longest deregistration delay of the group's target groups, or connection draining of its load balancers."""
    known, classic = situation.target_groups, situation.classic_load_balancers
    delays = [known[arn].deregistration_delay for arn in group.target_groups if arn in known]
    delays += [classic[name].draining_seconds for name in group.classic_load_balancers if name in classic]
    return float(max(delays, default=0))
