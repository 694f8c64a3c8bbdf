"""Target groups of an Auto Scaling group: who is registered where, and the state of each attachment."""

from __future__ import annotations

from collections.abc import Iterable

from apps.localcloud.autoscaling.model import Attachment, Group, Member
from apps.localcloud.cloud import Cloud
from apps.localcloud.elbv2.model import Balancing, TargetGroup, balancing
from apps.localcloud.elbv2.targets import deregister, health, register
from apps.localcloud.errors import validation_error


def _state(cloud: Cloud, group: Group) -> Balancing:
    return balancing(cloud, group.account, group.region)


def check_exists(cloud: Cloud, account: str, region: str, arns: Iterable[str]) -> None:
    """Raises AwsError as Auto Scaling does for target groups that are not there."""
    known = balancing(cloud, account, region).target_groups
    if any(arn not in known for arn in arns):
        raise validation_error("Provided Target Groups may not be valid. Please ensure they exist and try again.")


def target_groups(cloud: Cloud, group: Group) -> list[TargetGroup]:
    """Every target group that a member may be registered in, those being removed included."""
    known = _state(cloud, group).target_groups
    return [known[arn] for arn in group.attachments if arn in known]


def attach(cloud: Cloud, group: Group, arn: str, how: str, at_creation: bool = False) -> None:
    """Attaches `arn` and registers who is in service; one that is attached already stays as it is."""
    existing = group.attachments.get(arn)
    if existing is not None and not existing.removing:
        return
    group.attachments[arn] = Attachment(arn, how, at_creation)
    if group.runs("AddToLoadBalancer"):
        for member in group.members.values():
            if member.lifecycle == "InService":
                _register(cloud, _state(cloud, group).target_groups.get(arn), member)


def enter(cloud: Cloud, group: Group, member: Member) -> None:
    """Registers a member that came into service; not while AddToLoadBalancer is suspended."""
    if group.runs("AddToLoadBalancer"):
        known = _state(cloud, group).target_groups
        for attachment in group.attachments.values():
            if not attachment.removing:
                _register(cloud, known.get(attachment.arn), member)


def _register(cloud: Cloud, target_group: TargetGroup | None, member: Member) -> None:
    if target_group is not None:
        register(cloud, target_group, member.id, target_group.port, member.machine.address)


def leave(cloud: Cloud, group: Group, member: Member) -> None:
    """Deregisters a member everywhere."""
    for target_group in target_groups(cloud, group):
        _deregister(cloud, group, target_group, member)


def _deregister(cloud: Cloud, group: Group, target_group: TargetGroup, member: Member) -> None:
    for target_id, port in list(target_group.targets):
        if target_id == member.id:
            deregister(cloud, _state(cloud, group), target_group, target_id, port)


def begin_detach(cloud: Cloud, group: Group, arn: str) -> None:
    """Deregisters everybody from `arn`; the attachment is listed as Removing until the last has drained."""
    group.attachments[arn].removing = True
    target_group = _state(cloud, group).target_groups.get(arn)
    if target_group is not None:
        for member in group.members.values():
            _deregister(cloud, group, target_group, member)


def drop_removed(cloud: Cloud, group: Group) -> bool:
    """Forgets attachments whose last target is gone; True while some still drain."""
    known = _state(cloud, group).target_groups
    draining = False
    for arn, attachment in list(group.attachments.items()):
        if attachment.removing:
            if arn in known and any(target_id in group.members for target_id, _ in known[arn].targets):
                draining = True
            else:
                del group.attachments[arn]
    return draining


def attachment_state(cloud: Cloud, group: Group, attachment: Attachment) -> str:
    """Adding, Added, InService or Removing, as DescribeLoadBalancerTargetGroups tells it.

    InService needs ELB health checks and one healthy member, or an attachment made when the group was created.
    """
    if attachment.removing:
        return "Removing"
    if attachment.at_creation:
        return "InService"
    state = _state(cloud, group)
    target_group = state.target_groups.get(attachment.arn)
    if target_group is None:
        return "Added"
    told = {one.id: state_told[0] for one, state_told in health(cloud, state, target_group)}
    if "ELB" in group.health_check_type and any(told.get(one) == "healthy" for one in group.members):
        return "InService"
    in_service = [one.id for one in group.members.values() if one.lifecycle == "InService"]
    attachment.settled = attachment.settled or all(one in told for one in in_service)
    return "Added" if attachment.settled else "Adding"
