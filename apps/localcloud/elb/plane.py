"""Turns classic load balancers into the data plane's configuration: each port of the instances is a target group."""

from __future__ import annotations

from apps.localcloud.cloud import Cloud
from apps.localcloud.ec2.machines import machines
from apps.localcloud.elb.model import Balancer, Check, Classic, Plan
from apps.localcloud.interfaces import HealthCheck, ListenerConfig, Rule, Target, TargetGroupConfig


def listeners(cloud: Cloud) -> list[ListenerConfig]:
    """Of every account and region."""
    return [one for balancer in _all(cloud) for one in _planned(cloud, balancer)[0]]


def target_groups(cloud: Cloud) -> list[TargetGroupConfig]:
    """Of every account and region."""
    return [one for balancer in _all(cloud) for one in _planned(cloud, balancer)[1]]


def _all(cloud: Cloud) -> list[Balancer]:
    return [balancer for _, _, state in cloud.places(Classic) for balancer in state.balancers.values()]


def _planned(cloud: Cloud, balancer: Balancer) -> Plan:
    if balancer.planned is None:
        ports = dict.fromkeys(one.instance_port for one in balancer.listeners.values())
        balancer.planned = (
            tuple(
                ListenerConfig(
                    load_balancer=balancer.arn,
                    address=balancer.address,
                    port=one.port,
                    rules=(Rule(None, forward=((balancer.group_arn(one.instance_port), 1),)),),
                    tcp=one.protocol == "TCP",
                )
                for one in balancer.listeners.values()
            ),
            tuple(_group(cloud, balancer, port) for port in ports),
        )
    return balancer.planned


def _group(cloud: Cloud, balancer: Balancer, port: int) -> TargetGroupConfig:
    return TargetGroupConfig(
        arn=balancer.group_arn(port),
        targets=tuple(_targets(cloud, balancer, port)),
        health_check=_check(cloud, balancer.check),
        deregistration_delay=float(balancer.draining_seconds if balancer.draining else 0),
        fail_open=False,
    )


def _targets(cloud: Cloud, balancer: Balancer, port: int) -> list[Target]:
    found = [(one, machines(cloud).by_id.get(one.instance_id)) for one in balancer.instances.values()]
    return [
        Target(machine.id, machine.address, port, one.leaving is not None)
        for one, machine in found
        if machine is not None and machine.zone in balancer.zones and machine.state in ("running", "shutting-down")
    ]


def _check(cloud: Cloud, check: Check) -> HealthCheck:
    protocol, _, rest = check.target.partition(":")
    port, slash, path = rest.partition("/")
    divisor = cloud.options.health_check_divisor
    return HealthCheck(
        path=slash + path or "/",
        interval=check.interval / divisor,
        timeout=check.timeout / divisor,
        healthy_threshold=check.healthy_threshold,
        unhealthy_threshold=check.unhealthy_threshold,
        port=int(port),
        tcp=protocol == "TCP",
        eager=False,
    )
