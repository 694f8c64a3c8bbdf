"""Operations on single members: terminate, health, protection, standby, detach, attach."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from apps.localcloud.autoscaling import attachments
from apps.localcloud.autoscaling.activities import Activity, record, stamp
from apps.localcloud.autoscaling.engine import touch
from apps.localcloud.autoscaling.health import BY_USER, grace_left
from apps.localcloud.autoscaling.model import Group, Groups, Member, groups
from apps.localcloud.autoscaling.terminations import terminate
from apps.localcloud.cloud import now
from apps.localcloud.ec2.machines import machines
from apps.localcloud.errors import validation_error
from apps.localcloud.operations import Call, Result, operation


def _known(call: Call) -> Groups:
    return groups(call.cloud, call.account, call.region)


def _chosen(call: Call) -> tuple[Group, list[Member]]:
    group = _known(call).changeable(call.params["AutoScalingGroupName"])
    ids = call.params.get("InstanceIds") or []
    missing = [one for one in ids if one not in group.members]
    if missing:
        raise validation_error(f"The instance {missing[0]} is not part of Auto Scaling group {group.name}.")
    return group, [group.members[one] for one in ids]


def _decrement(group: Group, count: int, what: str) -> None:
    if group.desired - count < group.min_size:
        raise validation_error(
            f"Currently, desiredSize equals minSize ({group.min_size}). {what} without replacement will violate group's"
            " min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size."
        )
    group.desired -= count


@operation("autoscaling", "TerminateInstanceInAutoScalingGroup")
def terminate_instance(call: Call) -> Result:
    """Deregisters, drains and terminates one member; replaced unless the desired capacity is lowered."""
    group, member = _known(call).member(call.params["InstanceId"])
    if call.params["ShouldDecrementDesiredCapacity"]:
        _decrement(group, 1, "Terminating instance")
    if member.leaves and member.activity is not None:
        return {"Activity": member.activity.view(group.arn)}
    cause = f"At {stamp()} instance {member.id} was taken out of service in response to a user request."
    activity = terminate(call.cloud, group, member, cause)
    touch(call.cloud, group)
    return {"Activity": activity.view(group.arn)}


@operation("autoscaling", "SetInstanceHealth")
def set_instance_health(call: Call) -> Result:
    """Unhealthy members are replaced; within the grace period nothing happens unless told not to respect it."""
    status = call.params["HealthStatus"]
    if status not in ("Healthy", "Unhealthy"):
        raise validation_error(f"Invalid health status: {status}")
    group, member = _known(call).member(call.params["InstanceId"])
    respects = call.params.get("ShouldRespectGracePeriod")
    if status == "Unhealthy" and respects in (None, True) and grace_left(call.cloud, group, member) > 0:
        return None
    member.health, member.unhealthy_because = status, BY_USER
    touch(call.cloud, group)
    return None


@operation("autoscaling", "SetInstanceProtection")
def set_instance_protection(call: Call) -> Result:
    """Scale-in passes protected members by."""
    group, chosen = _chosen(call)
    for member in chosen:
        if member.lifecycle not in {"InService", "EnteringStandby", "Standby"}:
            raise validation_error(f"The instance {member.id} is not in InService or EnteringStandby or Standby.")
    for member in chosen:
        member.protected = bool(call.params["ProtectedFromScaleIn"])
    touch(call.cloud, group)
    return {}


def _each(group: Group, chosen: list[Member], words: str, change: Callable[[Member], None]) -> list[dict[str, Any]]:
    told = []
    for member in chosen:
        change(member)
        activity = Activity(
            group=group.name,
            description=f"{words}: {member.id}",
            cause=f"At {stamp()} instance {member.id} was changed in response to a user request.",
            details={"Availability Zone": member.machine.zone},
        )
        record(group.activities, activity).finish()
        told.append(activity.view(group.arn))
    return told


@operation("autoscaling", "EnterStandby")
def enter_standby(call: Call) -> Result:
    """Takes members out of traffic; they keep running and count no more."""
    group, chosen = _chosen(call)
    if any(one.lifecycle != "InService" for one in chosen):
        raise validation_error("The instances are not in InService state.")
    if call.params["ShouldDecrementDesiredCapacity"]:
        _decrement(group, len(chosen), "Entering standby")

    def leave(member: Member) -> None:
        attachments.leave(call.cloud, group, member)
        member.lifecycle = "Standby"

    told = _each(group, chosen, "Moving EC2 instance to Standby", leave)
    touch(call.cloud, group)
    return {"Activities": told}


@operation("autoscaling", "ExitStandby")
def exit_standby(call: Call) -> Result:
    """Back into traffic; the desired capacity grows with them."""
    group, chosen = _chosen(call)
    if any(one.lifecycle != "Standby" for one in chosen):
        raise validation_error("The instances are not in Standby state.")
    if group.desired + len(chosen) > group.max_size:
        raise validation_error("Exiting standby would exceed the group's max size.")
    group.desired += len(chosen)

    def enter(member: Member) -> None:
        member.lifecycle, member.in_service_at = "InService", now()
        attachments.enter(call.cloud, group, member)

    told = _each(group, chosen, "Moving EC2 instance out of Standby", enter)
    touch(call.cloud, group)
    return {"Activities": told}


@operation("autoscaling", "DetachInstances")
def detach_instances(call: Call) -> Result:
    """Members become instances of their own; replaced unless the desired capacity is lowered."""
    group, chosen = _chosen(call)
    if call.params["ShouldDecrementDesiredCapacity"]:
        _decrement(group, len(chosen), "Detaching instance")

    def detach(member: Member) -> None:
        attachments.leave(call.cloud, group, member)
        member.machine.group = ""
        del group.members[member.id]

    told = _each(group, chosen, "Detaching EC2 instance", detach)
    touch(call.cloud, group)
    return {"Activities": told}


@operation("autoscaling", "AttachInstances")
def attach_instances(call: Call) -> Result:
    """Running instances become members; the desired capacity grows with them."""
    group = _known(call).changeable(call.params["AutoScalingGroupName"])
    ids = call.params.get("InstanceIds") or []
    if group.desired + len(ids) > group.max_size:
        raise validation_error(
            f"AutoScalingGroup {group.name} has max-size={group.max_size}, attaching {len(ids)} would exceed it."
        )
    found = [machines(call.cloud).find(call.account, call.region, one) for one in ids]
    for instance_id, machine in zip(ids, found, strict=True):
        if machine is None or machine.state != "running" or machine.group:
            raise validation_error(f"Instance {instance_id} is not running, or is part of another group.")
    for machine in found:
        if machine is not None:
            machine.group = group.name
            member = Member(machine, lifecycle="InService", in_service_at=now())
            group.members[machine.id] = member
            attachments.enter(call.cloud, group, member)
    group.desired += len(ids)
    touch(call.cloud, group)
    return None
