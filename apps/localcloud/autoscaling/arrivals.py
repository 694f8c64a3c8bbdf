"""Bringing launched members into service: wait for the machine, then for the launch hooks, then enter traffic."""

from __future__ import annotations

from apps.localcloud.autoscaling import attachments, hooks, notices
from apps.localcloud.autoscaling.activities import stamp
from apps.localcloud.autoscaling.model import Group, Member
from apps.localcloud.autoscaling.terminations import terminate
from apps.localcloud.cloud import Cloud, now

PROCEEDS = 0.02  # seconds for which a member is seen in a :Proceed state


def advance(cloud: Cloud, group: Group) -> float | None:
    """Moves arriving members on. Returns the seconds until one of them is due, if one waits."""
    waits = [_advance(cloud, group, one) for one in list(group.members.values()) if one.lifecycle.startswith("Pending")]
    due = [one for one in waits if one is not None]
    return min(due) if due else None


def _advance(cloud: Cloud, group: Group, member: Member) -> float | None:
    if member.machine.ends or member.machine.stops:
        member.lifecycle, member.health = "InService", "Unhealthy"  # ended before it served: replace it
        member.unhealthy_because = "an instance was taken out of service because it ended while launching."
    elif member.lifecycle == "Pending:Proceed":
        _in_service(cloud, group, member)
    elif member.lifecycle == "Pending:Wait":
        return _waited(cloud, group, member)
    elif member.machine.state == "running":
        if not hooks.begin(cloud, group, member, hooks.LAUNCHING, _ends(member)):
            _in_service(cloud, group, member)
        else:
            member.lifecycle = "Pending:Wait"
            if member.activity is not None:
                member.activity.status = "MidLifecycleAction"
            return hooks.wait_left(member)
    return None


def _waited(cloud: Cloud, group: Group, member: Member) -> float | None:
    result = hooks.outcome(member)
    if not result:
        return hooks.wait_left(member)
    if result == hooks.CONTINUE:
        member.lifecycle = "Pending:Proceed"
        return PROCEEDS
    because = hooks.abandoned(member)
    if member.activity is not None:
        member.activity.finish("Cancelled", because)
    terminate(
        cloud,
        group,
        member,
        f"At {stamp()} an instance was taken out of service in response to an abandoned launch: {because}.",
    )
    return None


def _in_service(cloud: Cloud, group: Group, member: Member) -> None:
    member.lifecycle, member.in_service_at = "InService", now()
    attachments.enter(cloud, group, member)
    if member.activity is not None:
        member.activity.finish()
        notices.tell(cloud, group, notices.LAUNCH, member.activity, member.id)


def _ends(member: Member) -> tuple[str, str]:
    return ("WarmPool" if member.from_pool else "EC2", "AutoScalingGroup")
