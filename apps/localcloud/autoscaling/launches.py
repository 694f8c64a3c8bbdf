"""Launching members: out of the warm pool or anew, where, and what to record when EC2 refuses."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from apps.localcloud.autoscaling import notices, warm_pool
from apps.localcloud.autoscaling.activities import Activity, record, stamp
from apps.localcloud.autoscaling.model import Group, Member
from apps.localcloud.autoscaling.sources import start
from apps.localcloud.cloud import Cloud, now
from apps.localcloud.ec2.backend import backend
from apps.localcloud.errors import AwsError

_FIRST_PAUSE, _LONGEST_PAUSE = 2.0, 60.0  # seconds between attempts that fail


def launch_missing(cloud: Cloud, group: Group) -> float | None:
    """Launches what the group lacks. Returns the seconds until the next attempt when EC2 refused."""
    if not group.runs("Launch") or group.deleting:
        return None
    while group.units() < group.desired:
        present = len(group.capacity())
        member = warm_pool.take(cloud, group)
        if member is not None:
            _note(group, member, f"Launching a new EC2 instance from warm pool: {member.id}", present)
            continue
        wait = launch_one(cloud, group)
        if wait is not None:
            return wait
    return None


def launch_one(cloud: Cloud, group: Group) -> float | None:
    """One member more, in the zone that has the fewest. Returns the seconds until the next attempt, if EC2 refused."""
    if group.launch_not_before is not None and now() < group.launch_not_before:
        return (group.launch_not_before - now()).total_seconds()
    present, subnet = len(group.capacity()), _emptiest_subnet(group)
    try:
        member = start(cloud, group, subnet)
    except AwsError as error:
        return _note_failure(cloud, group, subnet, error)
    _note(group, member, f"Launching a new EC2 instance: {member.id}", present)
    return None


def _note(group: Group, member: Member, description: str, present: int) -> None:
    """Takes the member up among the others, with the activity that tells of it."""
    member.activity = record(
        group.activities,
        Activity(
            group=group.name,
            description=description,
            cause=_cause(group, present),
            details={
                "Subnet ID": str(member.machine.moto.subnet_id or ""),
                "Availability Zone": member.machine.zone,
            },
            progress=30,
        ),
    )
    group.members[member.id] = member


def _emptiest_subnet(group: Group) -> str:
    home = backend(group.account, group.region)
    zones = {subnet: home.get_subnet(subnet).availability_zone for subnet in group.subnets}
    taken = Counter(one.machine.zone for one in group.capacity())
    return min(group.subnets, key=lambda subnet: taken[zones[subnet]])


def _note_failure(cloud: Cloud, group: Group, subnet: str, error: AwsError) -> float:
    message = f"{error.message}. Launching EC2 instance failed.".replace("..", ".")
    activity = record(
        group.activities,
        Activity(
            group=group.name,
            description=f"Launching a new EC2 instance.  Status Reason: {message}",
            cause=_cause(group, len(group.capacity())),
            details={"Subnet ID": subnet},
        ),
    )
    activity.finish("Failed", message)
    notices.tell(cloud, group, notices.LAUNCH_ERROR, activity)
    pause = cloud.delay(min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**group.launch_failures))
    group.launch_failures += 1
    group.launch_not_before = now() + timedelta(seconds=pause)
    return pause


def _cause(group: Group, present: int) -> str:
    wish = f"{group.capacity_cause}  " if group.capacity_cause else ""
    return (
        f"{wish}At {stamp()} an instance was started in response to a difference between desired and actual capacity,"
        f" increasing the capacity from {present} to {group.desired}."
    )
