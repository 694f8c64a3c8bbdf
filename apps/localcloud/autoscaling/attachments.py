"""What an Auto Scaling group is attached to: who is registered where, and the state of each attachment."""

from __future__ import annotations

from collections.abc import Iterable

from apps.localcloud.autoscaling import places
from apps.localcloud.autoscaling.model import Attachment, Group, Member, kind_of
from apps.localcloud.autoscaling.places import Place
from apps.localcloud.cloud import Cloud
from apps.localcloud.elb.model import classic
from apps.localcloud.elbv2.model import balancing
from apps.localcloud.errors import validation_error


def check_exists(cloud: Cloud, account: str, region: str, identifiers: Iterable[str]) -> None:
    """Raises AwsError as Auto Scaling does for target groups and classic load balancers that are not there."""
    groups = balancing(cloud, account, region).target_groups
    balancers = classic(cloud, account, region).balancers
    for one in identifiers:
        if kind_of(one) == "elb" and one not in balancers:
            raise validation_error("Provided Load Balancers may not be valid. Please ensure they exist and try again.")
        if kind_of(one) == "elbv2" and one not in groups:
            raise validation_error("Provided Target Groups may not be valid. Please ensure they exist and try again.")


def _places(cloud: Cloud, group: Group) -> list[tuple[Attachment, Place]]:
    """Every place that a member may be registered in, those being removed included."""
    found = [(one, places.find(cloud, group, one)) for one in group.attachments.values()]
    return [(one, place) for one, place in found if place is not None]


def attach(cloud: Cloud, group: Group, identifier: str, how: str, at_creation: bool = False) -> None:
    """Attaches and registers who is in service; what is attached already stays as it is."""
    existing = group.attachments.get(identifier)
    if existing is not None and not existing.removing:
        return
    attachment = group.attachments[identifier] = Attachment(identifier, how, at_creation)
    place = places.find(cloud, group, attachment)
    if place is not None and group.runs("AddToLoadBalancer"):
        for member in group.members.values():
            if member.lifecycle == "InService":
                place.register(member)


def enter(cloud: Cloud, group: Group, member: Member) -> None:
    """Registers a member that came into service; not while AddToLoadBalancer is suspended."""
    if group.runs("AddToLoadBalancer"):
        for attachment, place in _places(cloud, group):
            if not attachment.removing:
                place.register(member)


def leave(cloud: Cloud, group: Group, member: Member) -> None:
    """Deregisters a member everywhere."""
    for _, place in _places(cloud, group):
        place.deregister(member.id)


def drains_for(cloud: Cloud, group: Group, member: Member) -> float:
    """Seconds until the member has drained everywhere, or until it is worth another look."""
    return max((place.drains_for(member.id) for _, place in _places(cloud, group)), default=0.0)


def fails_checks(cloud: Cloud, group: Group, member: Member) -> bool:
    """Whether a load balancer that the group is attached to finds the member unhealthy."""
    return any(place.failing(member.id) for one, place in _places(cloud, group) if not one.removing)


def begin_detach(cloud: Cloud, group: Group, identifier: str) -> None:
    """Deregisters everybody; the attachment is listed as Removing until the last has drained."""
    attachment = group.attachments[identifier]
    attachment.removing = True
    place = places.find(cloud, group, attachment)
    if place is not None:
        for member in group.members.values():
            place.deregister(member.id)


def drop_removed(cloud: Cloud, group: Group) -> bool:
    """Forgets attachments whose last instance is gone; True while some still drain."""
    draining = False
    for identifier, attachment in list(group.attachments.items()):
        if attachment.removing:
            place = places.find(cloud, group, attachment)
            if place is not None and any(place.lists(one) for one in group.members):
                draining = True
            else:
                del group.attachments[identifier]
    return draining


def attachment_state(cloud: Cloud, group: Group, attachment: Attachment) -> str:
    """Adding, Added, InService or Removing, as DescribeLoadBalancerTargetGroups and its kin tell it.

    InService needs ELB health checks and one healthy member, or an attachment made when the group was created.
    """
    if attachment.removing:
        return "Removing"
    if attachment.at_creation:
        return "InService"
    place = places.find(cloud, group, attachment)
    if place is None:
        return "Added"
    if "ELB" in group.health_check_type and any(place.healthy(one) for one in group.members):
        return "InService"
    in_service = [one.id for one in group.members.values() if one.lifecycle == "InService"]
    attachment.settled = attachment.settled or all(place.lists(one) for one in in_service)
    return "Added" if attachment.settled else "Adding"
