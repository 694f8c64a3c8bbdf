"""Attaching, describing and detaching target groups and classic load balancers, by the three families of calls.

What was attached by one family is detached by the same: DetachLoadBalancerTargetGroups does not know what came by
AttachTrafficSources (so says its documentation), and the other way round here.
"""

from __future__ import annotations

from apps.localcloud.autoscaling.attachments import attach, attachment_state, begin_detach, check_exists
from apps.localcloud.autoscaling.describe import page
from apps.localcloud.autoscaling.engine import touch
from apps.localcloud.autoscaling.model import (
    BY_LOAD_BALANCERS,
    BY_TARGET_GROUPS,
    BY_TRAFFIC_SOURCES,
    Group,
    groups,
    kind_of,
)
from apps.localcloud.errors import validation_error
from apps.localcloud.operations import Call, Result, operation
from apps.localcloud.wire import Params


def _group(call: Call) -> Group:
    return groups(call.cloud, call.account, call.region).changeable(call.params["AutoScalingGroupName"])


def sources(params: Params) -> list[str]:
    """The identifiers of a request's TrafficSources. Raises AwsError for a type that there is not here."""
    given = params.get("TrafficSources") or []
    for one in given:
        kind = one.get("Type") or kind_of(one["Identifier"])
        if kind not in ("elb", "elbv2"):
            raise validation_error(f"The embedded cloud offers traffic sources of type elb and elbv2 only, not {kind}")
        if kind != kind_of(one["Identifier"]):
            raise validation_error(f"Provided identifier '{one['Identifier']}' is not of traffic source type {kind}")
    return [one["Identifier"] for one in given]


def _attach(call: Call, arns: list[str], how: str) -> None:
    group = _group(call)
    check_exists(call.cloud, call.account, call.region, arns)
    for arn in arns:
        attach(call.cloud, group, arn, how)
    touch(call.cloud, group)


def _detach(call: Call, arns: list[str], how: str, noun: str) -> None:
    group = _group(call)
    for arn in arns:
        known = group.attachments.get(arn)
        if known is None or known.how != how or known.removing:
            raise validation_error(f"Trying to remove {noun} that are not part of the group: {arn}")
    for arn in arns:
        begin_detach(call.cloud, group, arn)
    touch(call.cloud, group)


@operation("autoscaling", "AttachLoadBalancerTargetGroups")
def attach_target_groups(call: Call) -> Result:
    """Registers every member in service."""
    _attach(call, list(call.params["TargetGroupARNs"]), BY_TARGET_GROUPS)
    return {}


@operation("autoscaling", "AttachTrafficSources")
def attach_traffic_sources(call: Call) -> Result:
    """Registers every member in service."""
    _attach(call, sources(call.params), BY_TRAFFIC_SOURCES)
    return {}


@operation("autoscaling", "AttachLoadBalancers")
def attach_load_balancers(call: Call) -> Result:
    """Registers every member in service."""
    _attach(call, list(call.params["LoadBalancerNames"]), BY_LOAD_BALANCERS)
    return {}


@operation("autoscaling", "DetachLoadBalancers")
def detach_load_balancers(call: Call) -> Result:
    """Deregisters every member; they keep running."""
    _detach(call, list(call.params["LoadBalancerNames"]), BY_LOAD_BALANCERS, "Load Balancers")
    return {}


@operation("autoscaling", "DetachLoadBalancerTargetGroups")
def detach_target_groups(call: Call) -> Result:
    """Deregisters every member; they keep running."""
    _detach(call, list(call.params["TargetGroupARNs"]), BY_TARGET_GROUPS, "Target Groups")
    return {}


@operation("autoscaling", "DetachTrafficSources")
def detach_traffic_sources(call: Call) -> Result:
    """Deregisters every member; they keep running."""
    _detach(call, sources(call.params), BY_TRAFFIC_SOURCES, "Traffic Sources")
    return {}


def _states(call: Call, how: str) -> list[tuple[str, str]]:
    group = groups(call.cloud, call.account, call.region).require(call.params["AutoScalingGroupName"])
    return [(one.arn, attachment_state(call.cloud, group, one)) for one in group.attachments.values() if one.how == how]


@operation("autoscaling", "DescribeLoadBalancerTargetGroups")
def describe_target_groups(call: Call) -> Result:
    """Those attached by target group calls, with their states."""
    shown, token = page(_states(call, BY_TARGET_GROUPS), call.params, default=100)
    found = [{"LoadBalancerTargetGroupARN": arn, "State": state} for arn, state in shown]
    return {"LoadBalancerTargetGroups": found, "NextToken": token}


@operation("autoscaling", "DescribeTrafficSources")
def describe_traffic_sources(call: Call) -> Result:
    """Those attached by traffic source calls, with their states."""
    wanted = call.params.get("TrafficSourceType")
    states = [one for one in _states(call, BY_TRAFFIC_SOURCES) if wanted in (None, "", kind_of(one[0]))]
    shown, token = page(states, call.params)
    found = [{"TrafficSource": one, "Identifier": one, "Type": kind_of(one), "State": state} for one, state in shown]
    return {"TrafficSources": found, "NextToken": token}


@operation("autoscaling", "DescribeLoadBalancers")
def describe_load_balancers(call: Call) -> Result:
    """Classic load balancers attached by load balancer calls, with their states."""
    shown, token = page(_states(call, BY_LOAD_BALANCERS), call.params, default=100)
    return {"LoadBalancers": [{"LoadBalancerName": one, "State": state} for one, state in shown], "NextToken": token}
