"""The warm pool of a group: machines that have booted once and wait, stopped or running, until the group grows."""

from __future__ import annotations

from collections import Counter

from apps.localcloud.autoscaling import hooks, notices
from apps.localcloud.autoscaling.activities import Activity, record, stamp
from apps.localcloud.autoscaling.model import Group, Member
from apps.localcloud.autoscaling.sources import start
from apps.localcloud.cloud import Cloud, now
from apps.localcloud.ec2.backend import backend
from apps.localcloud.ec2.machines import BY_USER, boot, shut_down, stop
from apps.localcloud.errors import AwsError

READY = ("Warmed:Stopped", "Warmed:Running", "Warmed:Hibernated")
_PROCEEDS, _AGAIN = 0.02, 5.0  # seconds: seen in a :Proceed state; between two attempts to launch


def size(group: Group) -> int:
    """How many machines the pool should hold."""
    pool = group.warm_pool
    if pool is None or "Status" in pool or group.deleting:
        return 0
    most = pool.get("MaxGroupPreparedCapacity")
    prepared = group.max_size if most in (None, -1) else int(most)
    return max(int(pool["MinSize"]), prepared - group.desired, 0)


def take(cloud: Cloud, group: Group) -> Member | None:
    """A machine of the pool for the group, on its way in; None when none is ready."""
    ready = [one for one in group.pool.values() if one.lifecycle in READY]
    if not ready:
        return None
    taken = Counter(one.machine.zone for one in group.capacity())
    member = min(ready, key=lambda one: taken[one.machine.zone])
    del group.pool[member.id]
    member.lifecycle, member.joined, member.from_pool = "Pending", now(), True
    if member.machine.state == "stopped":
        member.machine.launched = now()
        boot(cloud, member.machine)
    return member


def advance(cloud: Cloud, group: Group) -> float | None:
    """Fills or empties the pool and moves its members on. Returns the seconds until one of them is due."""
    if group.warm_pool is None and not group.pool:
        return None
    waits = [_advance(cloud, group, one) for one in list(group.pool.values())]
    staying = [one for one in group.pool.values() if not one.lifecycle.startswith("Warmed:Terminating")]
    if group.runs("Terminate") or group.deleting:
        waits += [_terminate(cloud, group, member) for member in staying[size(group) :]]
    if group.runs("Launch"):
        waits += [_launch(cloud, group) for _ in range(size(group) - len(staying))]
    if not group.pool and group.warm_pool is not None and "Status" in group.warm_pool:
        group.warm_pool = None
    due = [one for one in waits if one is not None]
    return min(due) if due else None


def _launch(cloud: Cloud, group: Group) -> float | None:
    home = backend(group.account, group.region)
    taken = Counter(one.machine.zone for one in (*group.capacity(), *group.pool.values()))
    subnet = min(group.subnets, key=lambda one: taken[home.get_subnet(one).availability_zone])
    try:
        member = start(cloud, group, subnet)
    except AwsError:
        return cloud.delay(_AGAIN)  # the group's own launches tell of it
    member.lifecycle = "Warmed:Pending"
    member.activity = _record(group, member, f"Launching a new EC2 instance into warm pool: {member.id}")
    group.pool[member.id] = member
    return None


def _record(group: Group, member: Member, description: str) -> Activity:
    cause = f"At {stamp()} an instance was moved in response to a difference between desired and actual warm pool size."
    details = {"Availability Zone": member.machine.zone}
    return record(group.activities, Activity(group.name, description, cause, details))


def _advance(cloud: Cloud, group: Group, member: Member) -> float | None:
    machine = member.machine
    if machine.state == "terminated":
        _forget(cloud, group, member)
    elif machine.ends:
        return None
    elif member.lifecycle == "Warmed:Pending" and machine.state == "running":
        if hooks.begin(cloud, group, member, hooks.LAUNCHING, ("EC2", "WarmPool")):
            member.lifecycle = "Warmed:Pending:Wait"
            return hooks.wait_left(member)
        _warmed(cloud, group, member)
    elif member.lifecycle.endswith(":Wait"):
        return _waited(cloud, group, member)
    elif member.lifecycle == "Warmed:Pending:Proceed":
        _warmed(cloud, group, member)
    return None


def _waited(cloud: Cloud, group: Group, member: Member) -> float | None:
    result = hooks.outcome(member)
    if not result and not group.deleting:
        return max(hooks.wait_left(member), 0.01)
    if member.lifecycle == "Warmed:Pending:Wait" and result == hooks.CONTINUE:
        member.lifecycle = "Warmed:Pending:Proceed"
        return _PROCEEDS
    if member.lifecycle == "Warmed:Pending:Wait":
        return _terminate(cloud, group, member)
    member.lifecycle = "Warmed:Terminating:Proceed"
    shut_down(cloud, member.machine, *BY_USER)
    return None


def _warmed(cloud: Cloud, group: Group, member: Member) -> None:
    """Into the pool's state; a machine that must stop first gets there when it has."""
    state = (group.warm_pool or {}).get("PoolState", "Stopped")
    if state != "Running" and member.machine.state == "running":
        member.lifecycle = "Warmed:Pending:Proceed"
        stop(cloud, member.machine)
        return
    if state == "Running" or member.machine.state == "stopped":
        member.lifecycle = f"Warmed:{state}"
        if member.activity is not None:
            member.activity.finish()


def _terminate(cloud: Cloud, group: Group, member: Member) -> float | None:
    if member.activity is not None and member.activity.ended is None:
        member.activity.finish("Cancelled", "Instance is being terminated")
    member.activity = _record(group, member, f"Terminating EC2 instance in warm pool: {member.id}")
    member.lifecycle = "Warmed:Terminating"
    if not group.deleting and hooks.begin(cloud, group, member, hooks.TERMINATING, ("WarmPool", "EC2")):
        member.lifecycle = "Warmed:Terminating:Wait"
        return hooks.wait_left(member)
    shut_down(cloud, member.machine, *BY_USER)
    return None


def _forget(cloud: Cloud, group: Group, member: Member) -> None:
    if member.activity is not None and member.activity.ended is None:
        member.activity.finish()
        notices.tell(cloud, group, notices.TERMINATE, member.activity, member.id)
    del group.pool[member.id]
