"""What we know of an instance beyond moto: its process, its template, and the states it passes through.

pending → running → shutting-down → terminated, or stopping → stopped → pending, by request or by the machine itself. A
service that ends, or user data that fails, leaves its machine running, as on AWS: only health checks notice, unless
the cloud was started with notice_exit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from apps.localcloud.cloud import Cloud, now
from apps.localcloud.ec2.backend import backend
from apps.localcloud.interfaces import SWITCHED_OFF, InstanceSpec

_CODES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}
_RUNNING = ("pending", "running")  # the states that count towards the quota
_SWITCHES_OFF = 0.5  # seconds that a machine without a process takes from stopping to stopped
_SLOW_BOOT = 5.0  # a machine runs at latest this long after its boot time, user data ended or not
_ADDRESS_REST = 60.0  # an address is given out again after this many seconds
BY_USER = ("Client.UserInitiatedShutdown", "Client.UserInitiatedShutdown: User initiated shutdown")
_BY_ITSELF = ("Client.InstanceInitiatedShutdown", "Client.InstanceInitiatedShutdown: Instance initiated shutdown")


@dataclass
class Machine:
    """An instance. `moto` is moto's own object, which holds its network, volumes and attributes."""

    account: str
    region: str
    moto: Any
    launched: datetime
    reservation_id: str
    spec: InstanceSpec
    image_id: str
    template: tuple[str, str, int] | None = None  # (id, name, version number) it was launched from
    profile: dict[str, str] | None = None
    group: str = ""  # the Auto Scaling group it belongs to
    exited: bool = False  # its service has ended
    impaired: bool = False  # its status checks fail (only with notice_exit)
    restarting: bool = False
    reason: tuple[str, str] = ("", "")  # StateReason code and message
    transition: str = ""  # StateTransitionReason
    vcpus: tuple[str, int] = ("", 0)  # what it counts towards which quota of its account while it runs
    counted: str = ""  # the state in which it was counted last

    @property
    def id(self) -> str:
        return str(self.moto.id)

    @property
    def state(self) -> str:
        return str(self.moto.state)

    @property
    def address(self) -> str:
        return self.spec.address

    @property
    def zone(self) -> str:
        return str(self.moto.placement.zone)

    @property
    def ends(self) -> bool:
        return self.state in ("shutting-down", "terminated")

    @property
    def stops(self) -> bool:
        return self.state in ("stopping", "stopped")


Listener = Callable[[Machine], None]


@dataclass
class Machines:
    """All instances of every account, in the order they were launched."""

    by_id: dict[str, Machine] = field(default_factory=dict)
    listeners: list[Listener] = field(default_factory=list)
    # counted now, by account, region and quota
    vcpus: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    _by_place: dict[tuple[str, str], dict[str, Machine]] = field(default_factory=dict)

    def add(self, machine: Machine) -> None:
        self.by_id[machine.id] = machine
        self._by_place.setdefault((machine.account, machine.region), {})[machine.id] = machine

    def remove(self, machine: Machine) -> None:
        if self.by_id.pop(machine.id, None) is not None:
            del self._by_place[machine.account, machine.region][machine.id]

    def of(self, account: str, region: str) -> list[Machine]:
        return list(self._by_place.get((account, region), {}).values())

    def tell(self, machine: Machine) -> None:
        """Has whoever follows machines (Auto Scaling, load balancers) look at this one."""
        for listener in self.listeners:
            listener(machine)

    def find(self, account: str, region: str, instance_id: str) -> Machine | None:
        found = self.by_id.get(instance_id)
        return found if found and (found.account, found.region) == (account, region) else None


def machines(cloud: Cloud) -> Machines:
    return cloud.state(Machines, "", "")


def set_state(cloud: Cloud, machine: Machine, state: str) -> None:
    """Moves `machine` and tells whoever follows it."""
    change = (state in _RUNNING) - (machine.counted in _RUNNING)
    quota, vcpus = machine.vcpus
    machines(cloud).vcpus[machine.account, machine.region, quota] += change * vcpus
    machine.counted = state
    machine.moto._state.name = state  # noqa: SLF001 - moto has no setter, and its own changes skip states
    machine.moto._state.code = _CODES[state]  # noqa: SLF001
    machines(cloud).tell(machine)


def boot(cloud: Cloud, machine: Machine) -> None:
    """Starts its process; the state follows when the fleet tells."""
    machine.exited = machine.impaired = machine.restarting = False
    machine.reason, machine.transition = ("", ""), ""
    set_state(cloud, machine, "pending")
    cloud.fleet.start(machine.spec)
    cloud.scheduler.after(machine.spec.boot_seconds + _SLOW_BOOT, partial(booted, cloud, machine.id))


def booted(cloud: Cloud, instance_id: str) -> None:
    """The machine is up (its service may not be)."""
    machine = machines(cloud).by_id.get(instance_id)
    if machine is not None and machine.state == "pending":
        set_state(cloud, machine, "running")


def service_ended(cloud: Cloud, instance_id: str, status: int) -> None:
    """The fleet saw the machine's process end: asked for or not, or switched off from inside."""
    machine = machines(cloud).by_id.get(instance_id)
    if machine is None or machine.state in ("stopped", "terminated"):  # it took longer than it was given
        return
    machine.exited = True
    if machine.state == "shutting-down":
        _terminated(cloud, machine)
    elif machine.state == "stopping":
        set_state(cloud, machine, "stopped")
    elif status == SWITCHED_OFF:
        _switched_off(cloud, machine)
    elif machine.restarting:
        boot(cloud, machine)
    else:
        machine.impaired = cloud.options.notice_exit
        set_state(cloud, machine, "running")


def _switched_off(cloud: Cloud, machine: Machine) -> None:
    if machine.moto.instance_initiated_shutdown_behavior == "terminate":
        shut_down(cloud, machine, *_BY_ITSELF)
        return
    machine.reason, machine.transition = _BY_ITSELF, ""
    set_state(cloud, machine, "stopping")
    cloud.scheduler.after(cloud.delay(_SWITCHES_OFF), partial(_stopped, cloud, machine))


def shut_down(cloud: Cloud, machine: Machine, code: str, message: str) -> None:
    """Terminates `machine`; ending twice is harmless. `code` and `message` become its StateReason."""
    if machine.ends:
        return
    machine.reason, machine.transition = (code, message), _by(code)
    had_process = not machine.exited
    set_state(cloud, machine, "shutting-down")
    grace = cloud.options.stop_grace
    cloud.fleet.stop(machine.id, grace)
    cloud.scheduler.after(
        grace + 2.0 if had_process else cloud.delay(_SWITCHES_OFF), partial(_terminated, cloud, machine)
    )


def _by(code: str) -> str:
    """StateTransitionReason: AWS tells only of requests, and when."""
    return f"User initiated ({now():%Y-%m-%d %H:%M:%S} GMT)" if code == BY_USER[0] else ""


def stop(cloud: Cloud, machine: Machine) -> None:
    """Stops `machine`; it keeps its address and its tree."""
    if machine.state not in ("pending", "running"):
        return
    machine.reason, machine.transition = BY_USER, _by(BY_USER[0])
    had_process = not machine.exited
    set_state(cloud, machine, "stopping")
    grace = cloud.options.stop_grace
    cloud.fleet.stop(machine.id, grace, keep=True)
    cloud.scheduler.after(grace + 2.0 if had_process else cloud.delay(_SWITCHES_OFF), partial(_stopped, cloud, machine))


def _stopped(cloud: Cloud, machine: Machine) -> None:
    if machine.state == "stopping":
        set_state(cloud, machine, "stopped")


def reboot(cloud: Cloud, machine: Machine) -> None:
    """Ends the service and starts it again out of the same tree; the state stays running, as on AWS."""
    if machine.exited:
        boot(cloud, machine)
    else:
        machine.restarting = True
        cloud.fleet.stop(machine.id, cloud.options.stop_grace, keep=True)


def _terminated(cloud: Cloud, machine: Machine) -> None:
    if machine.state != "shutting-down":
        return
    home = backend(machine.account, machine.region)
    subnet = home.get_subnet(machine.moto.subnet_id)
    machine.moto._private_ips.clear()  # noqa: SLF001 - else moto frees the address again when it is collected
    machine.moto.terminate()
    for interface in machine.moto.network_interfaces:
        home.enis.pop(interface.id, None)  # moto keeps it for ever
    set_state(cloud, machine, "terminated")
    subnet.rest(machine.address)
    cloud.scheduler.after(cloud.delay(_ADDRESS_REST), partial(subnet.rested, machine.address))
    cloud.scheduler.after(cloud.options.terminated_visible_seconds, partial(_forget, cloud, machine))


def _forget(cloud: Cloud, machine: Machine) -> None:
    home = backend(machine.account, machine.region)
    machines(cloud).remove(machine)
    home.instance_index.pop(machine.id, None)
    home.tags.pop(machine.id, None)
    reservation = home.reservations.get(machine.reservation_id)
    if reservation is not None:
        reservation.instances.remove(machine.moto)
        if not reservation.instances:
            del home.reservations[machine.reservation_id]


def age(machine: Machine) -> float:
    """Seconds since launch."""
    return (now() - machine.launched).total_seconds()
