"""Elastic Load Balancing v2: load balancers, listeners, rules, target groups, the health of targets. Reads only.

AWS answers listeners a load balancer at a time, rules a listener and health a target group at a time; everything else
comes in pages of 400.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from apps.cloud.aws import elbv2_shapes as shapes
from apps.cloud.aws.session import call, pages
from apps.cloud.aws.shapes import Shape, chunks
from apps.cloud.errors import NotFound
from apps.cloud.values import (
    ListenerState,
    LoadBalancerState,
    RuleState,
    Target,
    TargetGroupState,
    TargetHealth,
)

SERVICE = "elbv2"
PAGE = 400
ARNS_PER_CALL = 20

_WITH_RULES = frozenset({"HTTP", "HTTPS"})


def describe_load_balancers(target: Target, arns: Iterable[str] | None = None) -> tuple[LoadBalancerState, ...]:
    """The load balancers of the region, or those named (an unknown one raises NotFound)."""
    found = _all_or_some(target, "DescribeLoadBalancers", "LoadBalancerArns", arns, "LoadBalancers")
    return tuple(shapes.load_balancer(shape) for shape in found)


def describe_target_groups(
    target: Target, arns: Iterable[str] | None = None, *, attributes: bool = False
) -> tuple[TargetGroupState, ...]:
    """The target groups of the region, or those named (an unknown one raises NotFound).

    `attributes` adds a call a target group.
    """
    found = _all_or_some(target, "DescribeTargetGroups", "TargetGroupArns", arns, "TargetGroups")
    groups = [shapes.target_group(shape) for shape in found]
    if attributes:
        groups = [replace(group, attributes=target_group_attributes(target, group.arn)) for group in groups]
    return tuple(groups)


def target_group_attributes(target: Target, target_group_arn: str) -> dict[str, str]:
    """The target group's attributes, as `deregistration_delay.timeout_seconds`."""
    answer = call(target, SERVICE, "DescribeTargetGroupAttributes", TargetGroupArn=target_group_arn)
    return {each["Key"]: each.get("Value", "") for each in answer["Attributes"]}


def describe_listeners(target: Target, load_balancer_arns: Iterable[str]) -> tuple[ListenerState, ...]:
    """The listeners of these load balancers, a call each; one deleted meanwhile is passed over."""
    return tuple(shapes.listener(shape) for shape in _listeners(target, load_balancer_arns))


def describe_rules(
    target: Target, load_balancer_arns: Iterable[str]
) -> tuple[tuple[ListenerState, ...], tuple[RuleState, ...]]:
    """The listeners of these load balancers and every rule of theirs, the default rules included."""
    found = _listeners(target, load_balancer_arns)
    listeners = tuple(shapes.listener(shape) for shape in found)
    return listeners, tuple(rule for shape in found for rule in _rules(target, shape))


def rules_for(target: Target, target_group_arns: Iterable[str]) -> tuple[RuleState, ...]:
    """Every rule that forwards to one of these target groups, with whatever weight; read fresh.

    Found by way of the load balancers each target group names; an unknown target group raises NotFound.
    """
    wanted = set(target_group_arns)
    balancers = {arn for group in describe_target_groups(target, wanted) for arn in group.load_balancers}
    _, rules = describe_rules(target, sorted(balancers))
    return tuple(rule for rule in rules if any(forward.target_group in wanted for forward in rule.forwards))


def target_health(target: Target, target_group_arn: str, ids: Sequence[str] | None = None) -> tuple[TargetHealth, ...]:
    """The health of a target group's targets; with `ids`, of those instances that are registered now.

    AWS answers a target asked for that is not registered as `unused`; such answers are left out, so that "listed"
    always means registered or draining. An unknown target group raises NotFound.
    """
    answer = call(target, SERVICE, "DescribeTargetHealth", TargetGroupArn=target_group_arn)
    found = [shapes.health(shape, target_group_arn) for shape in answer["TargetHealthDescriptions"]]
    return tuple(each for each in found if ids is None or each.id in ids)


def _all_or_some(
    target: Target, operation: str, parameter: str, arns: Iterable[str] | None, members: str
) -> list[Shape]:
    if arns is None:
        return [shape for page in pages(target, SERVICE, operation, PageSize=PAGE) for shape in page[members]]
    return [
        shape
        for batch in chunks(sorted(set(arns)), ARNS_PER_CALL)
        for shape in call(target, SERVICE, operation, **{parameter: batch})[members]
    ]


def _listeners(target: Target, load_balancer_arns: Iterable[str]) -> list[Shape]:
    found: list[Shape] = []
    for arn in load_balancer_arns:
        try:
            for page in pages(target, SERVICE, "DescribeListeners", LoadBalancerArn=arn, PageSize=PAGE):
                found += page["Listeners"]
        except NotFound:
            continue
    return found


def _rules(target: Target, listener: Shape) -> list[RuleState]:
    if listener.get("Protocol") not in _WITH_RULES:
        return [shapes.default_rule(listener)]
    arn = listener["ListenerArn"]
    try:
        found = [
            shape
            for page in pages(target, SERVICE, "DescribeRules", ListenerArn=arn, PageSize=PAGE)
            for shape in page["Rules"]
        ]
    except NotFound:  # deleted since its load balancer was read
        return []
    return [shapes.rule(shape, arn) for shape in found]
