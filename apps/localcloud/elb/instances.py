"""Registering, deregistering and the health of a classic load balancer's instances. Auto Scaling uses these too."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from apps.localcloud.cloud import Cloud, now
from apps.localcloud.ec2.machines import Machine, machines
from apps.localcloud.elb.model import Balancer, Classic, Enrolment
from apps.localcloud.interfaces import Health, TargetReading
from apps.localcloud.plane import push_soon

IN_SERVICE, OUT_OF_SERVICE = "InService", "OutOfService"
_DRAINED_LOOK = 0.25  # seconds between two looks at whether requests are still under way

NOT_REGISTERED = (OUT_OF_SERVICE, "Instance", "Instance is not currently registered with the LoadBalancer.")
_HEALTHY = (IN_SERVICE, "N/A", "N/A")
_LEAVING = (IN_SERVICE, "N/A", "Instance deregistration currently in progress.")
_ARRIVING = (OUT_OF_SERVICE, "ELB", "Instance registration is still in progress.")
_UNPROVEN = (
    OUT_OF_SERVICE,
    "Instance",
    "Instance has not passed the configured HealthyThreshold number of health checks consecutively.",
)
FAILING = (
    OUT_OF_SERVICE,
    "Instance",
    "Instance has failed at least the UnhealthyThreshold number of health checks consecutively.",
)
_ELSEWHERE = (
    OUT_OF_SERVICE,
    "ELB",
    "Instance is in the EC2 Availability Zone for which LoadBalancer is not configured to route traffic to.",
)


def register(cloud: Cloud, balancer: Balancer, instance_id: str) -> None:
    """Adds an instance, or takes it back if it was leaving."""
    known = balancer.instances.get(instance_id)
    if known is None or known.leaving is not None:
        balancer.instances[instance_id] = Enrolment(instance_id)
        push_soon(cloud, balancer)


def deregister(cloud: Cloud, balancer: Balancer, instance_id: str) -> None:
    """Takes an instance out; with connection draining it stays, as leaving, until nothing is under way or the time-out
    has passed. One that is not registered is no error.
    """
    known = balancer.instances.get(instance_id)
    if known is None or known.leaving is not None:
        return
    push_soon(cloud, balancer)
    seconds = balancer.draining_seconds if balancer.draining else 0
    if not seconds:
        del balancer.instances[instance_id]
        return
    known.leaving = now() + timedelta(seconds=seconds)
    look = partial(_look, cloud, balancer, instance_id, known)
    cloud.scheduler.after(cloud.delay(2 * _DRAINED_LOOK), look)  # the data plane's readings may be as old as this


def _look(cloud: Cloud, balancer: Balancer, instance_id: str, known: Enrolment) -> None:
    """Strikes a leaving instance off once nothing is under way to it, or its time is over."""
    if balancer.instances.get(instance_id) is not known or known.leaving is None:
        return
    if now() < known.leaving and _under_way(cloud, balancer, instance_id):
        cloud.scheduler.after(cloud.delay(_DRAINED_LOOK), partial(_look, cloud, balancer, instance_id, known))
        return
    del balancer.instances[instance_id]
    push_soon(cloud, balancer)


def _under_way(cloud: Cloud, balancer: Balancer, instance_id: str) -> bool:
    return any(reading.in_flight for reading in _readings(cloud, balancer, instance_id))


def _readings(cloud: Cloud, balancer: Balancer, instance_id: str) -> list[TargetReading]:
    """Of each port of the instance."""
    told = cloud.data_plane.health()
    ports = dict.fromkeys(one.instance_port for one in balancer.listeners.values())
    found = [told.get((balancer.group_arn(port), instance_id, port)) for port in ports]
    return [one for one in found if one is not None]


def health(cloud: Cloud, balancer: Balancer, instance_id: str) -> tuple[str, str, str]:
    """(state, reason code, description) as DescribeInstanceHealth tells it."""
    known = balancer.instances.get(instance_id)
    machine = machines(cloud).by_id.get(instance_id)
    if known is None or machine is None:
        return NOT_REGISTERED
    if known.leaving is not None:
        return _LEAVING
    if machine.state != "running":
        word = "stopped" if machine.stops else machine.state
        return (OUT_OF_SERVICE, "Instance", f"Instance is in {word} state.")
    if machine.zone not in balancer.zones:
        return _ELSEWHERE
    readings = [one for one in _readings(cloud, balancer, instance_id) if one.state is not Health.DRAINING]
    if any(one.state is Health.UNHEALTHY for one in readings):
        return FAILING
    if readings and all(one.state is Health.HEALTHY for one in readings):
        return _HEALTHY
    checked = any(one.reason == "Elb.InitialHealthChecking" for one in readings)
    return _UNPROVEN if checked else _ARRIVING


def follow_machine(cloud: Cloud, machine: Machine) -> None:
    """An instance that ends leaves its balancers by itself; a stopped or started one changes what is served."""
    for balancer in cloud.state(Classic, machine.account, machine.region).balancers.values():
        if machine.id in balancer.instances:
            push_soon(cloud, balancer)
            if machine.ends:
                deregister(cloud, balancer, machine.id)
            if machine.state == "terminated":
                balancer.instances.pop(machine.id, None)
