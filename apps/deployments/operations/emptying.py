"""Whether a scaling policy may end the last instance of a group that serves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from apps.cloud.values import GroupState
from apps.deployments.errors import Finding, overridable
from apps.deployments.situation import Situation

MAY_EMPTY = overridable("may-empty")


def may_empty(situation: Situation, group: GroupState, wanted: Mapping[str, Any]) -> Iterator[Finding]:
    """Refuses a policy, as PutScalingPolicy takes it, that a min of 0 lets shrink the group to nothing."""
    if group.name not in situation.serving or wanted.get("Enabled") is False or _lowest(group, wanted) > 0:
        return
    text = f"{group.name} serves, and its min is 0: {wanted['PolicyName']} may end its last instance."
    yield Finding("refuse", MAY_EMPTY, f"{text} Resize it to a min of 1 or more first.", group.name)


def _lowest(group: GroupState, wanted: Mapping[str, Any]) -> int:
    """The smallest size that the policy may bring the group to; its present one for a policy that never shrinks it."""
    if "TargetTrackingConfiguration" in wanted:
        return group.desired if wanted["TargetTrackingConfiguration"].get("DisableScaleIn") else group.min_size
    steps = [each["ScalingAdjustment"] for each in wanted.get("StepAdjustments", ())]
    change = min([*steps, *([wanted["ScalingAdjustment"]] if "ScalingAdjustment" in wanted else [])], default=0)
    if wanted.get("AdjustmentType") == "ExactCapacity":
        return max(group.min_size, change)
    return group.min_size if change < 0 else group.desired
