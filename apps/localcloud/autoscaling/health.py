"""Which members Auto Scaling holds for unhealthy, and why, in the words of its activities."""

from __future__ import annotations

from apps.localcloud.autoscaling.attachments import fails_checks
from apps.localcloud.autoscaling.model import Group, Member
from apps.localcloud.cloud import Cloud, now

_GONE = (
    "an instance was taken out of service in response to an EC2 health check indicating it has been terminated or"
    " stopped."
)
_IMPAIRED = "an instance was taken out of service in response to an EC2 instance status checks failure."
_ELB = "an instance was taken out of service in response to an ELB system health check failure."
BY_USER = "an instance was taken out of service in response to a user health-check."


def grace_left(cloud: Cloud, group: Group, member: Member) -> float:
    """Seconds for which failing checks do not count yet: since it came, or the cloud was started again."""
    began = max(member.in_service_at or member.joined, cloud.began)
    return group.health_check_grace - (now() - began).total_seconds()


def check(cloud: Cloud, group: Group) -> float | None:
    """Marks members unhealthy. Returns the seconds until the next grace period ends, if one is running."""
    if not group.runs("HealthCheck"):
        return None
    waits = []
    for member in group.members.values():
        if member.lifecycle != "InService" or member.health != "Healthy":
            continue
        because = _instance_failure(member)
        if not because:
            failing = _IMPAIRED if member.machine.impaired else _balancer_failure(cloud, group, member)
            left = grace_left(cloud, group, member)
            if left > 0:
                waits.append(left)
            else:
                because = failing
        if because:
            member.health, member.unhealthy_because = "Unhealthy", because
    return min(waits) if waits else None


def _instance_failure(member: Member) -> str:
    return "" if member.machine.state in ("pending", "running") else _GONE


def _balancer_failure(cloud: Cloud, group: Group, member: Member) -> str:
    return _ELB if "ELB" in group.health_check_type and fails_checks(cloud, group, member) else ""
