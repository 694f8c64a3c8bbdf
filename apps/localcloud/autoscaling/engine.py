"""The converging engine: looks at one group when something about it changed or is due, and does the next things."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from apps.localcloud.autoscaling import arrivals, attachments, health, launches, rebalance, terminations, warm_pool
from apps.localcloud.autoscaling.model import Group, Groups, groups
from apps.localcloud.cloud import Cloud
from apps.localcloud.ec2.machines import Machine, machines
from apps.localcloud.interfaces import Health, TargetReading

_LOOK_AT_HEALTH = 0.25  # seconds between two looks at the data plane's readings
_DRAINING = 0.25  # seconds between two looks at attachments that are being removed


def touch(cloud: Cloud, group: Group, delay: float = 0.0) -> None:
    """Has the engine look at `group` in `delay` seconds; many touches make one look."""
    key = ("group", group.arn)  # not its name: another group may take that
    cloud.scheduler.after(delay, partial(_look, cloud, group), key=key)


def _look(cloud: Cloud, group: Group) -> None:
    known = groups(cloud, group.account, group.region).by_name
    if known.get(group.name) is not group:
        return
    delays = converge(cloud, group)
    if group.deleting and not group.members and not group.pool:
        _forget(cloud, group)
        return
    if delays:
        touch(cloud, group, max(0.01, min(delays)))


def converge(cloud: Cloud, group: Group) -> list[float]:
    """One look. Returns the delays after which another is due."""
    delays = [arrivals.advance(cloud, group), health.check(cloud, group)]
    terminations.replace_unhealthy(cloud, group)
    delays.append(launches.launch_missing(cloud, group))
    delays.append(rebalance.rebalance(cloud, group))
    terminations.scale_in(cloud, group)
    delays.append(terminations.advance(cloud, group))
    delays.append(warm_pool.advance(cloud, group))
    if group.units() == group.desired:
        group.capacity_cause = ""  # what comes later has another cause
    if attachments.drop_removed(cloud, group):
        delays.append(cloud.delay(_DRAINING))
    return [one for one in delays if one is not None]


def _forget(cloud: Cloud, group: Group) -> None:
    known = groups(cloud, group.account, group.region)
    del known.by_name[group.name]
    known.deleted.appendleft(group)


def follow_machine(cloud: Cloud, machine: Machine) -> None:
    """Any change of a member's machine has its group looked at."""
    if machine.group:
        group = groups(cloud, machine.account, machine.region).by_name.get(machine.group)
        if group is not None:
            touch(cloud, group)


def watch_health(cloud: Cloud) -> None:
    """Looks at the readings four times a second and has the groups of newly failing targets looked at."""
    failing: set[str] = set()
    seen: Mapping[tuple[str, str, int], TargetReading] = {}

    def look() -> None:
        nonlocal failing, seen
        cloud.scheduler.after(cloud.delay(_LOOK_AT_HEALTH), look, kept=False)
        if not any(state.by_name for _, _, state in cloud.places(Groups)):
            return
        readings = cloud.data_plane.health()
        if readings is seen:
            return
        seen = readings
        unhealthy = {key[1] for key, reading in readings.items() if reading.state is Health.UNHEALTHY}
        for instance_id in unhealthy - failing:
            machine = machines(cloud).by_id.get(instance_id)
            if machine is not None:
                follow_machine(cloud, machine)
        failing = unhealthy

    cloud.scheduler.after(cloud.delay(_LOOK_AT_HEALTH), look, kept=False)
