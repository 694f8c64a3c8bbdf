"""Where a group's members are registered: target groups and classic load balancers, seen alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from apps.localcloud.autoscaling.model import Attachment, Group, Member
from apps.localcloud.cloud import Cloud, now
from apps.localcloud.elb import instances as classic_instances
from apps.localcloud.elb.model import Balancer, classic
from apps.localcloud.elbv2 import targets
from apps.localcloud.elbv2.model import Balancing, TargetGroup, balancing
from apps.localcloud.interfaces import Health

_LATE = 0.02  # seconds after its time-out by which a drained instance is surely gone


class Place(Protocol):
    """A target group or a classic load balancer that a group is attached to."""

    def register(self, member: Member) -> None: ...
    def deregister(self, instance_id: str) -> None:
        """Begins draining; one that is not registered is no error."""

    def lists(self, instance_id: str) -> bool:
        """Whether it is known there, draining included."""

    def drains_for(self, instance_id: str) -> float:
        """Seconds, at most; 0 when it does not drain."""

    def healthy(self, instance_id: str) -> bool:
        """Whether it takes traffic."""

    def failing(self, instance_id: str) -> bool:
        """Whether it fails its health checks; one that is new does not."""


def _left(ends: list[datetime]) -> float:
    return max(((end - now()).total_seconds() + _LATE for end in ends), default=0.0)


@dataclass(frozen=True)
class _TargetGroupPlace:
    cloud: Cloud
    state: Balancing
    group: TargetGroup

    def register(self, member: Member) -> None:
        targets.register(self.cloud, self.group, member.id, self.group.port, member.machine.address)

    def deregister(self, instance_id: str) -> None:
        for port in self._ports(instance_id):
            targets.deregister(self.cloud, self.state, self.group, instance_id, port)

    def _ports(self, instance_id: str) -> list[int]:
        return [port for target_id, port in self.group.targets if target_id == instance_id]

    def lists(self, instance_id: str) -> bool:
        return self.group.arn in self.state.groups_of.get(instance_id, ())

    def drains_for(self, instance_id: str) -> float:
        registrations = [self.group.targets[instance_id, port] for port in self._ports(instance_id)]
        return _left([one.leaving for one in registrations if one.leaving is not None])

    def healthy(self, instance_id: str) -> bool:
        told = targets.health(self.cloud, self.state, self.group)
        return any(one.id == instance_id and state[0] == "healthy" for one, state in told)

    def failing(self, instance_id: str) -> bool:
        readings = self.cloud.data_plane.health()
        found = [readings.get((self.group.arn, instance_id, port)) for port in self._ports(instance_id)]
        return any(one is not None and one.state is Health.UNHEALTHY for one in found)


@dataclass(frozen=True)
class _ClassicPlace:
    cloud: Cloud
    balancer: Balancer

    def register(self, member: Member) -> None:
        classic_instances.register(self.cloud, self.balancer, member.id)

    def deregister(self, instance_id: str) -> None:
        classic_instances.deregister(self.cloud, self.balancer, instance_id)

    def lists(self, instance_id: str) -> bool:
        return instance_id in self.balancer.instances

    def drains_for(self, instance_id: str) -> float:
        """Until nothing is under way, if that is sooner: the next look tells."""
        known = self.balancer.instances.get(instance_id)
        if known is None or known.leaving is None:
            return 0.0
        return min(_left([known.leaving]), self.cloud.delay(0.25))

    def healthy(self, instance_id: str) -> bool:
        return self._told(instance_id)[0] == classic_instances.IN_SERVICE

    def failing(self, instance_id: str) -> bool:
        return self._told(instance_id) == classic_instances.FAILING

    def _told(self, instance_id: str) -> tuple[str, str, str]:
        return classic_instances.health(self.cloud, self.balancer, instance_id)


def find(cloud: Cloud, group: Group, attachment: Attachment) -> Place | None:
    """The attachment's place; None when it was deleted meanwhile."""
    if attachment.kind == "elb":
        balancer = classic(cloud, group.account, group.region).balancers.get(attachment.arn)
        return _ClassicPlace(cloud, balancer) if balancer is not None else None
    state = balancing(cloud, group.account, group.region)
    target_group = state.target_groups.get(attachment.arn)
    return _TargetGroupPlace(cloud, state, target_group) if target_group is not None else None
