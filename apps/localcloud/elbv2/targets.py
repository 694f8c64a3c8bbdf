"""Registering, deregistering and the health of targets. Auto Scaling uses these functions too."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from ipaddress import AddressValueError, IPv4Address
from typing import Any

from apps.localcloud.cloud import Cloud, now
from apps.localcloud.ec2.machines import Machine, machines
from apps.localcloud.elbv2.model import Balancing, Registration, TargetGroup, balancing
from apps.localcloud.errors import AwsError
from apps.localcloud.interfaces import Health, TargetReading
from apps.localcloud.plane import push_soon

NOT_IN_USE = (
    "unused",
    "Target.NotInUse",
    "Target group is not configured to receive traffic from the load balancer",
)
NOT_REGISTERED = ("unused", "Target.NotRegistered", "Target is not registered to the target group")
_STOPPED = ("unused", "Target.InvalidState", "Target is in the stopped state")
_LEAVING = ("draining", "Target.DeregistrationInProgress", "Target deregistration is in progress")
_ARRIVING = ("initial", "Elb.RegistrationInProgress", "Target registration is in progress")


def _home(cloud: Cloud, group: TargetGroup) -> Balancing:
    _, _, _, region, account, _ = group.arn.split(":", 5)
    return balancing(cloud, account, region)


def register(cloud: Cloud, group: TargetGroup, target_id: str, port: int, address: str) -> None:
    """Adds a target, or takes it back if it was leaving."""
    group.targets[target_id, port] = Registration(target_id, port, address)
    _home(cloud, group).groups_of.setdefault(target_id, set()).add(group.arn)
    push_soon(cloud, group)


def deregister(cloud: Cloud, state: Balancing, group: TargetGroup, target_id: str, port: int) -> None:
    """Takes a target out: it drains for the group's delay and is listed until then. One of no group is no error.

    A group that no load balancer uses has nothing to drain.
    """
    known = group.targets.get((target_id, port))
    if known is None or known.leaving is not None:
        return
    push_soon(cloud, group)
    delay = group.deregistration_delay
    if not state.balancers_of(group.arn) or delay == 0:
        _strike_off(state, group, target_id, port)
        return
    known.leaving = now() + timedelta(seconds=delay)
    cloud.scheduler.after(delay, partial(_gone, cloud, state, group, known))


def _gone(cloud: Cloud, state: Balancing, group: TargetGroup, known: Registration) -> None:
    """Its time to drain is over, unless it was registered again since."""
    if group.targets.get((known.id, known.port)) is known:
        _strike_off(state, group, known.id, known.port)
        push_soon(cloud, group)


def _strike_off(state: Balancing, group: TargetGroup, target_id: str, port: int) -> None:
    del group.targets[target_id, port]
    if all(listed != target_id for listed, _ in group.targets):
        forget_listing(state, group, target_id)


def forget_listing(state: Balancing, group: TargetGroup, target_id: str) -> None:
    """The group does not list the target any more, on no port."""
    state.groups_of[target_id].discard(group.arn)
    if not state.groups_of[target_id]:
        del state.groups_of[target_id]


def follow_machine(cloud: Cloud, machine: Machine) -> None:
    """An instance that ends leaves its target groups by itself; a stopped or started one changes what is served."""
    state = cloud.state(Balancing, machine.account, machine.region)
    for group in [state.target_groups[arn] for arn in sorted(state.groups_of.get(machine.id, ()))]:
        push_soon(cloud, group)
        for target_id, port in list(group.targets):
            if target_id == machine.id and machine.ends:
                deregister(cloud, state, group, target_id, port)


def resolve(cloud: Cloud, account: str, region: str, group: TargetGroup, target: dict[str, Any]) -> tuple[int, str]:
    """(port, address) to serve a target that a request names. Raises AwsError as RegisterTargets does."""
    target_id, port = str(target.get("Id")), int(target.get("Port") or group.port)
    if group.target_type == "ip":
        try:
            address = IPv4Address(target_id)
        except AddressValueError:
            raise AwsError("ValidationError", f"The IP address '{target_id}' is not a valid IPv4 address") from None
        if not address.is_loopback:
            raise AwsError("ValidationError", f"The embedded cloud reaches loopback addresses only, not '{target_id}'")
        return port, target_id
    machine = machines(cloud).find(account, region, target_id)
    if machine is None:
        raise AwsError("InvalidTarget", f"The following targets do not exist: '{target_id}'")
    if machine.state != "running":
        raise AwsError(
            "InvalidTarget",
            f"The following targets are not in a running state and cannot be registered: '{target_id}'",
        )
    return port, machine.address


def health(cloud: Cloud, state: Balancing, group: TargetGroup) -> list[tuple[Registration, tuple[str, str, str]]]:
    """Each listed target with (state, reason, description)."""
    readings = cloud.data_plane.health()
    used = bool(state.balancers_of(group.arn))
    return [
        (one, _health(cloud, one, readings.get((group.arn, one.id, one.port)), used)) for one in group.targets.values()
    ]


def _health(cloud: Cloud, target: Registration, reading: TargetReading | None, used: bool) -> tuple[str, str, str]:
    if target.leaving is not None:
        return _LEAVING
    machine = machines(cloud).by_id.get(target.id)
    if machine is not None and machine.stops:
        return _STOPPED
    if not used:
        return NOT_IN_USE
    if reading is None or reading.state in (Health.UNUSED, Health.DRAINING):
        return _ARRIVING
    return reading.state.value, reading.reason, reading.description


def is_listed(groups: Iterable[TargetGroup], target_id: str) -> bool:
    """Whether any of `groups` still lists the target, draining included."""
    return any(known == target_id for group in groups for known, _ in group.targets)
