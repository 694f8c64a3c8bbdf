"""What Auto Scaling refuses in PutScalingPolicy, by type of policy. Everything here raises AwsError."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from apps.localcloud.autoscaling.model import Group
from apps.localcloud.autoscaling.policies import PREDICTIVE, SIMPLE, STEP, TRACKING
from apps.localcloud.autoscaling.tracking import PER_TARGET, PREDEFINED, split_label
from apps.localcloud.errors import validation_error

_ADJUSTMENTS = ("ChangeInCapacity", "ExactCapacity", "PercentChangeInCapacity")
_AGGREGATIONS = ("Minimum", "Maximum", "Average")
_MEMBERS = {  # which members a type takes
    SIMPLE: {"AdjustmentType", "ScalingAdjustment", "Cooldown", "MinAdjustmentMagnitude", "MinAdjustmentStep"},
    STEP: {
        "AdjustmentType",
        "StepAdjustments",
        "MetricAggregationType",
        "MinAdjustmentMagnitude",
        "EstimatedInstanceWarmup",
    },
    TRACKING: {"TargetTrackingConfiguration", "EstimatedInstanceWarmup"},
    PREDICTIVE: {"PredictiveScalingConfiguration"},
}
_NEEDED = {
    SIMPLE: ("AdjustmentType", "ScalingAdjustment"),
    STEP: ("AdjustmentType", "StepAdjustments"),
    TRACKING: ("TargetTrackingConfiguration",),
    PREDICTIVE: ("PredictiveScalingConfiguration",),
}
_COMMON = {"AutoScalingGroupName", "PolicyName", "PolicyType", "Enabled"}


def check(group: Group, policy: Mapping[str, Any]) -> None:
    """`policy` is the request's members that are given, with its type."""
    kind = policy["PolicyType"]
    if kind not in _MEMBERS:
        raise validation_error(f"Policy type {kind} is not one of {', '.join(_MEMBERS)}")
    foreign = sorted(set(policy) - _MEMBERS[kind] - _COMMON)
    if foreign:
        raise validation_error(f"{foreign[0]} is not supported for policies of type {kind}")
    missing = [one for one in _NEEDED[kind] if policy.get(one) in (None, [])]
    if missing:
        raise validation_error(f"You must specify {missing[0]} for policies of type {kind}")
    if kind in (SIMPLE, STEP):
        _check_adjustment(policy)
    if kind == STEP:
        _check_steps(policy)
    if kind == TRACKING:
        _check_target(group, policy["TargetTrackingConfiguration"])


def _check_adjustment(policy: Mapping[str, Any]) -> None:
    kind = policy["AdjustmentType"]
    if kind not in _ADJUSTMENTS:
        raise validation_error(f"AdjustmentType {kind} is not one of {', '.join(_ADJUSTMENTS)}")
    if policy.get("MinAdjustmentMagnitude") is not None and kind != "PercentChangeInCapacity":
        raise validation_error("MinAdjustmentMagnitude is only supported for AdjustmentType PercentChangeInCapacity")
    if kind == "ExactCapacity" and int(policy.get("ScalingAdjustment") or 0) < 0:
        raise validation_error("ScalingAdjustment must not be negative for AdjustmentType ExactCapacity")


def _check_steps(policy: Mapping[str, Any]) -> None:
    if policy.get("MetricAggregationType") not in (None, *_AGGREGATIONS):
        raise validation_error(f"MetricAggregationType must be one of {', '.join(_AGGREGATIONS)}")
    bounds = sorted(
        (one.get("MetricIntervalLowerBound", -math.inf), one.get("MetricIntervalUpperBound", math.inf))
        for one in policy["StepAdjustments"]
    )
    if any(low >= high for low, high in bounds):
        raise validation_error("A step adjustment's lower bound must be less than its upper bound")
    for (_, high), (low, _) in pairwise(bounds):
        if low != high:
            raise validation_error("Step adjustment intervals can't have a gap between them, and must not overlap")
    if len(bounds) > 1 and (-math.inf, math.inf) in bounds:
        raise validation_error("Step adjustment intervals can't have both bounds unspecified beside other steps")


def _check_target(group: Group, configuration: Mapping[str, Any]) -> None:
    predefined = configuration.get("PredefinedMetricSpecification")
    custom = configuration.get("CustomizedMetricSpecification")
    if bool(predefined) == bool(custom):
        raise validation_error(
            "Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification must be specified"
        )
    if float(configuration["TargetValue"]) <= 0:
        raise validation_error("TargetValue must be greater than zero")
    if predefined:
        _check_predefined(group, predefined)
    elif custom:
        if custom.get("Metrics"):
            raise validation_error("The embedded cloud tracks single metrics only, not metric math")
        missing = [one for one in ("MetricName", "Namespace", "Statistic") if not custom.get(one)]
        if missing:
            raise validation_error(f"{missing[0]} must be specified for a customized metric")


def _check_predefined(group: Group, asked: Mapping[str, Any]) -> None:
    kind, label = asked["PredefinedMetricType"], asked.get("ResourceLabel")
    if kind not in PREDEFINED:
        raise validation_error(f"PredefinedMetricType {kind} is not one of {', '.join(PREDEFINED)}")
    if kind != PER_TARGET:
        if label:
            raise validation_error(f"ResourceLabel must not be specified for predefined metric type {kind}")
        return
    if not label:
        raise validation_error(f"ResourceLabel must be specified for predefined metric type {kind}")
    balancer, target_group = split_label(label)
    if not balancer:
        raise validation_error(
            f"ResourceLabel {label} is not of the form app/<load balancer>/<id>/targetgroup/<target group>/<id>"
        )
    attached = {arn.rsplit(":", 1)[1] for arn, one in group.attachments.items() if not one.removing}
    if target_group not in attached:
        raise validation_error(
            f"The target group of ResourceLabel {label} is not attached to the Auto Scaling group {group.name}."
        )
