"""Turns what ELBv2 remembers into the data plane's configuration."""

from __future__ import annotations

from collections.abc import Iterator

from apps.localcloud.cloud import Cloud
from apps.localcloud.ec2.machines import machines
from apps.localcloud.elbv2.certificates import tls_of
from apps.localcloud.elbv2.model import (
    Action,
    Balancing,
    Condition,
    Listener,
    LoadBalancer,
    Registration,
    Rule,
    TargetGroup,
)
from apps.localcloud.interfaces import (
    HealthCheck,
    ListenerConfig,
    Target,
    TargetGroupConfig,
)
from apps.localcloud.interfaces import Rule as PlaneRule


def listeners(cloud: Cloud) -> list[ListenerConfig]:
    """Of every account and region."""
    return [one for account, region, state in cloud.places(Balancing) for one in _listeners(state, account, region)]


def target_groups(cloud: Cloud) -> list[TargetGroupConfig]:
    """Of every account and region."""
    states = [state for _, _, state in cloud.places(Balancing)]
    return [_planned(cloud, one) for state in states for one in state.target_groups.values()]


def _listeners(state: Balancing, account: str, region: str) -> Iterator[ListenerConfig]:
    for balancer in state.load_balancers.values():
        if balancer.planned is None:
            balancer.planned = tuple(
                _listener(balancer, one, tls_of(account, region, one.certificate) if one.certificate else "")
                for one in balancer.listeners.values()
            )
        yield from balancer.planned


def _listener(balancer: LoadBalancer, listener: Listener, tls: str) -> ListenerConfig:
    return ListenerConfig(
        load_balancer=balancer.arn,
        address=balancer.address,
        port=listener.port,
        rules=tuple(_rule(rule) for rule in listener.ordered_rules()),
        tls=tls,
    )


def _rule(rule: Rule) -> PlaneRule:
    return PlaneRule(
        priority=rule.priority,
        path_patterns=_values(rule.conditions, "path-pattern"),
        host_headers=_values(rule.conditions, "host-header"),
        headers=tuple(
            (one["HttpHeaderConfig"]["HttpHeaderName"], tuple(one["HttpHeaderConfig"]["Values"]))
            for one in rule.conditions
            if one["Field"] == "http-header"
        ),
        forward=tuple(rule.target_groups()),
        fixed=next((_fixed(one) for one in rule.actions if one["Type"] != "forward"), None),
    )


def _values(conditions: list[Condition], kind: str) -> tuple[str, ...]:
    return tuple(value for one in conditions if one["Field"] == kind for value in one["Values"])


def _fixed(action: Action) -> tuple[int, str, str]:
    if action["Type"] == "redirect":  # its status without a Location: the data plane writes no such header
        code = str((action.get("RedirectConfig") or {}).get("StatusCode", "HTTP_302"))
        return int(code.removeprefix("HTTP_")), "text/plain", ""
    config = action.get("FixedResponseConfig") or {}
    return (
        int(config.get("StatusCode") or 200),
        config.get("ContentType") or "text/plain",
        config.get("MessageBody") or "",
    )


def _planned(cloud: Cloud, group: TargetGroup) -> TargetGroupConfig:
    if group.planned is None:
        group.planned = _group(cloud, group)
    return group.planned


def _group(cloud: Cloud, group: TargetGroup) -> TargetGroupConfig:
    checks = group.health_check
    divisor = cloud.options.health_check_divisor
    return TargetGroupConfig(
        arn=group.arn,
        targets=tuple(
            Target(one.id, one.address, one.port, one.leaving is not None)
            for one in group.targets.values()
            if _serves(cloud, one)
        ),
        health_check=HealthCheck(
            path=checks["HealthCheckPath"],
            interval=float(checks["HealthCheckIntervalSeconds"]) / divisor,
            timeout=float(checks["HealthCheckTimeoutSeconds"]) / divisor,
            healthy_threshold=int(checks["HealthyThresholdCount"]),
            unhealthy_threshold=int(checks["UnhealthyThresholdCount"]),
            matcher=checks["Matcher"]["HttpCode"],
            port=0 if checks["HealthCheckPort"] == "traffic-port" else int(checks["HealthCheckPort"]),
        ),
        deregistration_delay=group.deregistration_delay,
    )


def _serves(cloud: Cloud, target: Registration) -> bool:
    machine = machines(cloud).by_id.get(target.id)
    return machine is None or machine.state in ("running", "shutting-down")
