"""What ELBv2 refuses: names, ranges, target groups that cannot be forwarded to."""

from __future__ import annotations

import re
from typing import Any

from apps.localcloud.elbv2.limits import PER_ACTION
from apps.localcloud.elbv2.model import Action, Balancing, Condition
from apps.localcloud.errors import AwsError, validation_error

MAX_WEIGHT = 999
MAX_STICKINESS = 7 * 24 * 3600  # seconds
_NAME = re.compile(r"^[A-Za-z0-9-]+$")
_MATCHER = re.compile(r"^\d{3}(-\d{3})?(,\d{3}(-\d{3})?)*$")
_CONDITIONS = {
    "path-pattern": "PathPatternConfig",
    "host-header": "HostHeaderConfig",
    "http-header": "HttpHeaderConfig",
}


def check_name(noun: str, name: str) -> None:
    """At most 32 letters, digits and hyphens, a hyphen neither first nor last."""
    if len(name) > 32:
        raise validation_error(f"{noun} name '{name}' cannot be longer than '32' characters")
    if not _NAME.match(name):
        raise validation_error(f"{noun} name '{name}' can only contain characters that are alphanumeric and hyphens(-)")
    if name.startswith("-") or name.endswith("-"):
        raise validation_error(f"{noun} name '{name}' cannot begin or end with a hyphen(-)")


def check_range(label: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise validation_error(f"{label} '{value}' must be between '{low}' and '{high}' inclusive")


def check_matcher(code: str) -> None:
    if not _MATCHER.match(code):
        raise validation_error(f"Health check matcher HTTP code '{code}' must be within '200-499' inclusive")


def complete_actions(state: Balancing, actions: list[dict[str, Any]], balancer: str) -> list[Action]:
    """The actions as AWS describes them. Raises AwsError for what a listener of `balancer` cannot do."""
    if not actions:
        raise validation_error("A listener must have at least one action")
    completed = []
    for order, action in enumerate(actions, start=1):
        kind = action.get("Type")
        if kind == "forward":
            completed.append({**_forward(state, action, balancer), "Order": action.get("Order") or order})
        elif kind in ("fixed-response", "redirect"):
            completed.append({**action, "Order": action.get("Order") or order})
        else:
            raise AwsError("InvalidLoadBalancerAction", f"The embedded cloud does not offer actions of type '{kind}'")
    return completed


def _forward(state: Balancing, action: dict[str, Any], balancer: str) -> Action:
    config = dict(action.get("ForwardConfig") or {})
    groups = [dict(one) for one in config.get("TargetGroups") or []]
    single = action.get("TargetGroupArn")
    if not groups and single:
        groups = [{"TargetGroupArn": single, "Weight": 1}]
    if not groups:
        raise validation_error("A target group ARN must be specified for a forward action")
    if len(groups) > PER_ACTION:
        raise AwsError(
            "TooManyTargetGroups", f"The maximum number of target groups in a forward action is '{PER_ACTION}'"
        )
    if single and [one["TargetGroupArn"] for one in groups] != [single]:
        raise AwsError(
            "InvalidLoadBalancerAction",
            "A forward action with both ForwardConfig and TargetGroupArn must name the same single target group",
        )
    for one in groups:
        _check_group(state, one, balancer)
    stickiness = _stickiness(config.get("TargetGroupStickinessConfig") or {})
    completed = {
        "Type": "forward",
        "ForwardConfig": {"TargetGroups": groups, "TargetGroupStickinessConfig": stickiness},
    }
    return {**completed, "TargetGroupArn": groups[0]["TargetGroupArn"]} if len(groups) == 1 else completed


def _stickiness(given: dict[str, Any]) -> dict[str, Any]:
    """Kept and described; the embedded cloud's balancers do not stick."""
    if not given.get("Enabled"):
        return {"Enabled": False}
    seconds = int(given.get("DurationSeconds") or 0)
    check_range("Target group stickiness duration seconds", seconds, 1, MAX_STICKINESS)
    return {"Enabled": True, "DurationSeconds": seconds}


def _check_group(state: Balancing, one: dict[str, Any], balancer: str) -> None:
    arn = one.get("TargetGroupArn") or ""
    state.target_group(arn)
    weight = one.setdefault("Weight", 1)
    if not 0 <= int(weight) <= MAX_WEIGHT:
        raise validation_error(f"The weight for each target group must be between 0 and {MAX_WEIGHT}, inclusive")
    others = [other for other in state.balancers_of(arn) if other != balancer]
    if others:
        raise AwsError(
            "TargetGroupAssociationLimit",
            f"The following target groups cannot be associated with more than one load balancer: {arn}",
        )


def complete_conditions(conditions: list[dict[str, Any]]) -> list[Condition]:
    """The conditions with both spellings of their values, as AWS describes them. Raises AwsError."""
    if not conditions:
        raise validation_error("A rule must have at least one condition")
    return [_condition(one) for one in conditions]


def _condition(given: dict[str, Any]) -> Condition:
    kind = given.get("Field") or ""
    member = _CONDITIONS.get(kind)
    if member is None:
        raise validation_error(
            f"Condition field '{kind}' must be one of '[{', '.join(_CONDITIONS)}]' in the embedded cloud"
        )
    config = given.get(member) or {}
    values = config.get("Values") or given.get("Values") or []
    if not values:
        raise validation_error(f"A condition value must be specified for '{kind}'")
    if kind == "http-header":
        if not config.get("HttpHeaderName"):
            raise validation_error("An HTTP header name must be specified")
        return {"Field": kind, member: {"HttpHeaderName": config["HttpHeaderName"], "Values": list(values)}}
    return {"Field": kind, "Values": list(values), member: {"Values": list(values)}}
