"""What a scaling policy says now, by the options that set it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from apps.cloud.values import Described, GroupExtras, GroupState

OWN_METRIC = "a metric of its own"


def policy_now(group: GroupState, extras: GroupExtras, part: str) -> Mapping[str, str]:
    """By option: of the policy named `part`; where none is named, or none is called so, which there are."""
    del group
    found = next((each for each in extras.scaling_policies if each["PolicyName"] == part), None)
    if found is None:
        names = ", ".join(sorted(each["PolicyName"] for each in extras.scaling_policies))
        return {"policy": names or "none"}
    return dict(_common(found)) | dict(_tracked(found)) | dict(_stepped(found))


def _common(policy: Described) -> Iterator[tuple[str, str]]:
    yield "enabled", "yes" if policy.get("Enabled", True) else "no"
    if policy.get("EstimatedInstanceWarmup") is not None:
        yield "warmup", f"{policy['EstimatedInstanceWarmup']} seconds"


def _tracked(policy: Described) -> Iterator[tuple[str, str]]:
    tracked = policy.get("TargetTrackingConfiguration")
    if not tracked:
        return
    yield "metric", tracked.get("PredefinedMetricSpecification", {}).get("PredefinedMetricType", OWN_METRIC)
    yield "target", f"{tracked['TargetValue']:g}"
    yield "scale_in", "no" if tracked.get("DisableScaleIn") else "yes"


def _stepped(policy: Described) -> Iterator[tuple[str, str]]:
    steps = policy.get("StepAdjustments")
    if not steps:
        return
    yield "change", policy.get("AdjustmentType", "")
    yield "by", ", ".join(f"{step['ScalingAdjustment']:+d}" for step in steps)
    alarms = ", ".join(alarm["AlarmName"] for alarm in policy.get("Alarms") or ())
    if alarms:
        yield "threshold", f"that of the alarm {alarms}"
