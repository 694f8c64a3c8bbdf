"""Taking members out: deregister, wait for draining, terminate, forget; each with its activity."""

from __future__ import annotations

from apps.localcloud.autoscaling import attachments, hooks, notices, rebalance, victims
from apps.localcloud.autoscaling.activities import Activity, record, stamp
from apps.localcloud.autoscaling.model import Group, Member
from apps.localcloud.cloud import Cloud
from apps.localcloud.ec2.machines import BY_USER, shut_down

_WAITING = "WaitingForELBConnectionDraining"


def terminate(cloud: Cloud, group: Group, member: Member, cause: str) -> Activity:
    """Begins a member's end; `cause` is the activity's whole Cause."""
    if member.activity is not None and member.activity.ended is None:
        member.activity.finish("Cancelled", "Instance is being terminated")
    attachments.leave(cloud, group, member)
    member.lifecycle = "Terminating"
    member.actions = {}
    member.activity = record(
        group.activities,
        Activity(
            group=group.name,
            description=f"Terminating EC2 instance: {member.id}",
            cause=cause,
            details={"Subnet ID": str(member.machine.moto.subnet_id or ""), "Availability Zone": member.machine.zone},
        ),
    )
    return member.activity


def replace_unhealthy(cloud: Cloud, group: Group) -> None:
    """Terminates members held for unhealthy, unless suspended; the launch that follows replaces them."""
    if not group.runs("ReplaceUnhealthy") or not group.runs("Terminate") or group.deleting:
        return
    for member in list(group.members.values()):
        if member.health == "Unhealthy" and member.lifecycle == "InService":
            terminate(cloud, group, member, f"At {stamp()} {member.unhealthy_because}")


def scale_in(cloud: Cloud, group: Group) -> None:
    """Takes out what is beyond the desired capacity."""
    surplus = group.units() - group.desired
    if surplus <= 0 or not group.runs("Terminate") or group.deleting or rebalance.waits(group):
        return
    present = len(group.capacity())
    for member in victims.choose(cloud, group, surplus):
        wish = f"{group.capacity_cause}  " if group.capacity_cause else ""
        cause = (
            f"{wish}At {stamp()} an instance was taken out of service in response to a difference between desired and"
            f" actual capacity, shrinking the capacity from {present} to {group.desired}."
            f"  At {stamp()} instance {member.id} was selected for termination."
        )
        terminate(cloud, group, member, cause)


def advance(cloud: Cloud, group: Group) -> float | None:
    """Moves terminating members on. Returns the seconds until one of them is due, if one drains or waits."""
    waits = [_advance(cloud, group, one) for one in list(group.members.values()) if one.leaves]
    due = [one for one in waits if one is not None]
    return min(due) if due else None


def _advance(cloud: Cloud, group: Group, member: Member) -> float | None:
    if member.machine.state == "terminated":
        _forget(cloud, group, member)
    elif not member.machine.ends:
        left = 0.0 if group.deleting else _held_for(cloud, group, member)
        if left > 0:
            return left
        shut_down(cloud, member.machine, *BY_USER)
    return None


def _held_for(cloud: Cloud, group: Group, member: Member) -> float:
    """Seconds for which draining, and then the termination hooks, hold the member's end back."""
    if member.lifecycle == "Terminating":
        left = attachments.drains_for(cloud, group, member)
        if left > 0:
            _note_draining(member)
            return left
        if not hooks.begin(cloud, group, member, hooks.TERMINATING, ("AutoScalingGroup", "EC2")):
            return 0.0
        member.lifecycle = "Terminating:Wait"
        if member.activity is not None:
            member.activity.status = "MidLifecycleAction"
    if member.lifecycle == "Terminating:Wait" and not hooks.outcome(member):
        return max(hooks.wait_left(member), 0.01)
    member.lifecycle = "Terminating:Proceed"
    return 0.0


def _note_draining(member: Member) -> None:
    if member.activity is not None and member.activity.status == "InProgress":
        member.activity.status = _WAITING
        member.activity.description = f"Terminating EC2 instance: {member.id} - Waiting For ELB Connection Draining."


def _forget(cloud: Cloud, group: Group, member: Member) -> None:
    if member.activity is not None:
        member.activity.description = f"Terminating EC2 instance: {member.id}"
        member.activity.finish()
        notices.tell(cloud, group, notices.TERMINATE, member.activity, member.id)
    del group.members[member.id]
