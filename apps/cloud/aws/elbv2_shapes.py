"""Elastic Load Balancing's answers as our values."""

from __future__ import annotations

from collections.abc import Iterable

from apps.cloud.aws.shapes import Shape
from apps.cloud.values import (
    Forward,
    ListenerState,
    LoadBalancerState,
    RuleState,
    TargetGroupState,
    TargetHealth,
)


def load_balancer(shape: Shape) -> LoadBalancerState:
    """One member of DescribeLoadBalancers' LoadBalancers."""
    return LoadBalancerState(
        arn=shape["LoadBalancerArn"],
        name=shape["LoadBalancerName"],
        dns_name=shape.get("DNSName", ""),
        scheme=shape.get("Scheme", ""),
        state=(shape.get("State") or {}).get("Code", ""),
        vpc_id=shape.get("VpcId", ""),
        zone_id=shape.get("CanonicalHostedZoneId", ""),
        subnets=tuple(sorted(each.get("SubnetId", "") for each in shape.get("AvailabilityZones") or ())),
        security_groups=tuple(shape.get("SecurityGroups") or ()),
    )


def target_group(shape: Shape) -> TargetGroupState:
    """One member of DescribeTargetGroups' TargetGroups; without attributes."""
    return TargetGroupState(
        arn=shape["TargetGroupArn"],
        name=shape["TargetGroupName"],
        protocol=shape.get("Protocol", ""),
        port=shape.get("Port") or 0,
        target_type=shape.get("TargetType", "instance"),
        vpc_id=shape.get("VpcId", ""),
        health_path=shape.get("HealthCheckPath", ""),
        health_interval=shape.get("HealthCheckIntervalSeconds") or 0,
        healthy_threshold=shape.get("HealthyThresholdCount") or 0,
        load_balancers=tuple(shape.get("LoadBalancerArns") or ()),
    )


def listener(shape: Shape) -> ListenerState:
    """One member of DescribeListeners' Listeners."""
    return ListenerState(
        arn=shape["ListenerArn"],
        load_balancer=shape["LoadBalancerArn"],
        port=shape.get("Port") or 0,
        protocol=shape.get("Protocol", ""),
        certificate=next((each["CertificateArn"] for each in shape.get("Certificates") or ()), ""),
    )


def default_rule(shape: Shape) -> RuleState:
    """A listener's default actions as a rule: how listeners that have no rules (TCP, UDP, TLS) forward."""
    actions = tuple(shape.get("DefaultActions") or ())
    return RuleState(shape["ListenerArn"], shape["ListenerArn"], "default", forwards(actions), actions=actions)


def rule(shape: Shape, listener_arn: str) -> RuleState:
    """One member of DescribeRules' Rules."""
    return RuleState(
        arn=shape["RuleArn"],
        listener=listener_arn,
        priority="default" if shape.get("IsDefault") else str(shape.get("Priority", "")),
        forwards=forwards(shape.get("Actions")),
        conditions=tuple(_condition(each) for each in shape.get("Conditions") or ()),
        actions=tuple(shape.get("Actions") or ()),
    )


def forwards(actions: Iterable[Shape] | None) -> tuple[Forward, ...]:
    """Target groups and weights of the forward actions; a single target group without weight has weight 1."""
    found: list[Forward] = []
    for action in actions or ():
        if action.get("Type") != "forward":
            continue
        weighted = (action.get("ForwardConfig") or {}).get("TargetGroups")
        if weighted:
            found += [Forward(each["TargetGroupArn"], each.get("Weight", 1)) for each in weighted]
        elif action.get("TargetGroupArn"):
            found.append(Forward(action["TargetGroupArn"], 1))
    return tuple(found)


def health(shape: Shape, target_group_arn: str) -> TargetHealth:
    """One member of DescribeTargetHealth's TargetHealthDescriptions."""
    told = shape.get("TargetHealth") or {}
    return TargetHealth(
        target_group=target_group_arn,
        id=shape["Target"]["Id"],
        port=shape["Target"].get("Port") or 0,
        state=told.get("State", ""),
        reason=told.get("Reason", ""),
        description=told.get("Description", ""),
    )


def _condition(shape: Shape) -> str:
    """A condition in words, as `path-pattern is /a, /b`."""
    field = shape.get("Field", "")
    values = shape.get("Values")
    if not values:
        values = [text for config in shape.values() if isinstance(config, dict) for text in _texts(config)]
    return f"{field} is {', '.join(values)}"


def _texts(config: Shape) -> list[str]:
    name = [f"{config['HttpHeaderName']}:"] if "HttpHeaderName" in config else []
    values = config.get("Values") or ()
    return name + [
        each if isinstance(each, str) else f"{each.get('Key', '')}={each.get('Value', '')}" for each in values
    ]
