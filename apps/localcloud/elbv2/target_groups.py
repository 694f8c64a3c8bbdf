"""The ELBv2 operations on target groups and their targets."""

from __future__ import annotations

from typing import Any

from apps.localcloud.elbv2.checks import check_matcher, check_name, check_range
from apps.localcloud.elbv2.limits import check_target_groups, check_targets
from apps.localcloud.elbv2.lists import choose, page
from apps.localcloud.elbv2.model import Balancing, TargetGroup, balancing, new_arn
from apps.localcloud.elbv2.tags import given_tags
from apps.localcloud.elbv2.targets import NOT_REGISTERED, deregister, forget_listing, health, register, resolve
from apps.localcloud.errors import AwsError, validation_error
from apps.localcloud.operations import Call, Result, operation
from apps.localcloud.plane import push, push_soon
from apps.localcloud.wire import Params

_ATTRIBUTES = {
    "deregistration_delay.timeout_seconds": "300",
    "stickiness.enabled": "false",
    "stickiness.type": "lb_cookie",
    "stickiness.lb_cookie.duration_seconds": "86400",
    "stickiness.app_cookie.cookie_name": "",
    "stickiness.app_cookie.duration_seconds": "86400",
    "load_balancing.algorithm.type": "round_robin",
    "load_balancing.cross_zone.enabled": "use_load_balancer_configuration",
    "slow_start.duration_seconds": "0",
}
_CHECK_DEFAULTS: dict[str, Any] = {
    "HealthCheckEnabled": True,
    "HealthCheckProtocol": "HTTP",
    "HealthCheckPort": "traffic-port",
    "HealthCheckPath": "/",
    "HealthCheckIntervalSeconds": 30,
    "HealthCheckTimeoutSeconds": 5,
    "HealthyThresholdCount": 5,
    "UnhealthyThresholdCount": 2,
}


def _state(call: Call) -> Balancing:
    return balancing(call.cloud, call.account, call.region)


def _view(state: Balancing, group: TargetGroup) -> dict[str, Any]:
    return {
        "TargetGroupArn": group.arn,
        "TargetGroupName": group.name,
        "Protocol": group.protocol,
        "ProtocolVersion": group.protocol_version,
        "Port": group.port,
        "VpcId": group.vpc,
        "TargetType": group.target_type,
        "IpAddressType": "ipv4",
        "LoadBalancerArns": state.balancers_of(group.arn),
        **group.health_check,
    }


def _checked(params: Params, current: dict[str, Any]) -> dict[str, Any]:
    """The health check after a request. Raises AwsError for values out of AWS's ranges."""
    merged = {name: params.get(name, current[name]) for name in _CHECK_DEFAULTS}
    matcher = params.get("Matcher") or current.get("Matcher") or {"HttpCode": "200"}
    check_matcher(str(matcher.get("HttpCode")))
    check_range("Health check interval", int(merged["HealthCheckIntervalSeconds"]), 5, 300)
    check_range("Health check timeout", int(merged["HealthCheckTimeoutSeconds"]), 2, 120)
    check_range("Healthy threshold count", int(merged["HealthyThresholdCount"]), 2, 10)
    check_range("Unhealthy threshold count", int(merged["UnhealthyThresholdCount"]), 2, 10)
    if merged["HealthCheckTimeoutSeconds"] >= merged["HealthCheckIntervalSeconds"]:
        raise validation_error(
            f"Health check timeout '{merged['HealthCheckTimeoutSeconds']}' must be smaller than the interval"
            f" '{merged['HealthCheckIntervalSeconds']}'"
        )
    port = str(merged["HealthCheckPort"])
    if port != "traffic-port" and not (port.isdigit() and 1 <= int(port) <= 65535):
        raise validation_error(f"Health check port '{port}' must be 'traffic-port' or between '1' and '65535'")
    if not str(merged["HealthCheckPath"]).startswith("/"):
        raise validation_error(f"Health check path '{merged['HealthCheckPath']}' must begin with '/'")
    return {**merged, "Matcher": {"HttpCode": str(matcher["HttpCode"])}}


@operation("elbv2", "CreateTargetGroup")
def create_target_group(call: Call) -> Result:
    """A group of instances or addresses. The same request again gives the same group."""
    params, state = call.params, _state(call)
    name = params["Name"]
    check_name("Target group", name)
    kind = params.get("TargetType") or "instance"
    if kind not in ("instance", "ip") or params.get("Protocol") != "HTTP":
        raise AwsError(
            "InvalidConfigurationRequest", "The embedded cloud offers HTTP target groups of instances or addresses only"
        )
    port = int(params.get("Port") or 0)
    check_range("Port", port, 1, 65535)
    if not params.get("VpcId"):
        raise validation_error("A VPC ID must be specified")
    group = TargetGroup(
        arn=new_arn(call.account, call.region, f"targetgroup/{name}"),
        name=name,
        protocol="HTTP",
        protocol_version=params.get("ProtocolVersion") or "HTTP1",
        port=port,
        vpc=params["VpcId"],
        target_type=kind,
        health_check=_checked(params, _CHECK_DEFAULTS),
        attributes=dict(_ATTRIBUTES),
    )
    existing = next((one for one in state.target_groups.values() if one.name == name), None)
    if existing is not None:
        if (existing.port, existing.vpc, existing.health_check) == (group.port, group.vpc, group.health_check):
            return {"TargetGroups": [_view(state, existing)]}
        raise AwsError(
            "DuplicateTargetGroupName",
            f"A target group with the same name '{name}' exists, but with different settings",
        )
    check_target_groups(call, state)
    state.target_groups[group.arn] = group
    state.tags[group.arn] = given_tags(params)
    push_soon(call.cloud)
    return {"TargetGroups": [_view(state, group)]}


@operation("elbv2", "DescribeTargetGroups")
def describe_target_groups(call: Call) -> Result:
    """By ARNs, names or load balancer."""
    params, state = call.params, _state(call)
    arns = list(params.get("TargetGroupArns") or [])
    if params.get("LoadBalancerArn"):
        state.load_balancer(params["LoadBalancerArn"])
        used = [arn for arn in state.target_groups if params["LoadBalancerArn"] in state.balancers_of(arn)]
        found = [state.target_groups[arn] for arn in used]
    else:
        found = choose(state.target_groups, arns, params.get("Names") or [], "TargetGroupNotFound", "Target group")
    shown, marker = page(found, params)
    return {"TargetGroups": [_view(state, one) for one in shown], "NextMarker": marker}


@operation("elbv2", "ModifyTargetGroup")
def modify_target_group(call: Call) -> Result:
    """The health check; what is not given stays."""
    state = _state(call)
    group = state.target_group(call.params["TargetGroupArn"])
    group.health_check = _checked(call.params, group.health_check)
    group.planned = None
    push(call.cloud)
    return {"TargetGroups": [_view(state, group)]}


@operation("elbv2", "DeleteTargetGroup")
def delete_target_group(call: Call) -> Result:
    """Refused while a listener or rule forwards to it; one that is gone already is no error."""
    state, arn = _state(call), call.params["TargetGroupArn"]
    if arn in state.target_groups:
        if state.balancers_of(arn):
            raise AwsError("ResourceInUse", f"Target group '{arn}' is currently in use by a listener or a rule")
        group = state.target_groups.pop(arn)
        for target_id in {target_id for target_id, _ in group.targets}:
            forget_listing(state, group, target_id)
        state.tags.pop(arn, None)
        push_soon(call.cloud)
    return None


@operation("elbv2", "DescribeTargetGroupAttributes")
def describe_target_group_attributes(call: Call) -> Result:
    """All attributes as text."""
    group = _state(call).target_group(call.params["TargetGroupArn"])
    return {"Attributes": [{"Key": key, "Value": value} for key, value in sorted(group.attributes.items())]}


@operation("elbv2", "ModifyTargetGroupAttributes")
def modify_target_group_attributes(call: Call) -> Result:
    """Only known keys; a changed delay holds for targets that leave from now on."""
    group = _state(call).target_group(call.params["TargetGroupArn"])
    changed = {one["Key"]: one.get("Value") or "" for one in call.params["Attributes"]}
    for key in changed:
        if key not in group.attributes:
            raise validation_error(f"Target group attribute key '{key}' is not recognized")
    delay = changed.get("deregistration_delay.timeout_seconds", "0")
    if not delay.isdigit() or int(delay) > 3600:
        raise validation_error(f"The deregistration delay '{delay}' must be between '0' and '3600' inclusive")
    group.attributes.update(changed)
    push_soon(call.cloud, group)
    return describe_target_group_attributes(call)


@operation("elbv2", "RegisterTargets")
def register_targets(call: Call) -> Result:
    """All or none."""
    state = _state(call)
    group = state.target_group(call.params["TargetGroupArn"])
    wanted = [
        (str(one["Id"]), *resolve(call.cloud, call.account, call.region, group, one)) for one in call.params["Targets"]
    ]
    check_targets(call, state, group, {(target_id, port) for target_id, port, _ in wanted})
    for target_id, port, address in wanted:
        register(call.cloud, group, target_id, port, address)
    return None


@operation("elbv2", "DeregisterTargets")
def deregister_targets(call: Call) -> Result:
    """Each target drains; without a port, every port of it leaves. Unknown targets are no error."""
    state = _state(call)
    group = state.target_group(call.params["TargetGroupArn"])
    for one in call.params["Targets"]:
        for target_id, port in list(group.targets):
            if target_id == one["Id"] and one.get("Port") in (None, port):
                deregister(call.cloud, state, group, target_id, port)
    push(call.cloud)
    return None


@operation("elbv2", "DescribeTargetHealth")
def describe_target_health(call: Call) -> Result:
    """Every listed target, draining ones included; or the targets asked for."""
    state = _state(call)
    group = state.target_group(call.params["TargetGroupArn"])
    found = {(one.id, one.port): told for one, told in health(call.cloud, state, group)}
    wanted = call.params.get("Targets")
    if wanted:
        keys = [(str(one["Id"]), int(one.get("Port") or group.port)) for one in wanted]
        found = {key: found.get(key, NOT_REGISTERED) for key in keys}
    checked = group.health_check["HealthCheckPort"]
    return {"TargetHealthDescriptions": [_health_view(key, checked, told) for key, told in found.items()]}


def _health_view(key: tuple[str, int], checked: str, told: tuple[str, str, str]) -> dict[str, Any]:
    state, reason, description = told
    health_told = {"State": state, "Reason": reason or None, "Description": description or None}
    return {
        "Target": {"Id": key[0], "Port": key[1]},
        "HealthCheckPort": str(key[1]) if checked == "traffic-port" else checked,
        "TargetHealth": {name: value for name, value in health_told.items() if value},
    }
