"""Each kind of resource: how it is read from AWS and how its rows are brought to what was read.

The order matters: what a group launches is known by templates and instances, an instance's group by groups.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from apps.cloud.values import GroupState, InstanceState, MemberState
from apps.inventory.models import Environment, Group, Instance
from apps.inventory.services import rows
from apps.inventory.services.clusters import ensure_clusters
from apps.inventory.services.launches import launches
from apps.inventory.services.reconcile import Read, reconcile

# an instance in these states is gone for all we care; AWS shows it for another hour
_OVER = frozenset({"terminated"})


@dataclass(frozen=True)
class Place:
    """Where and when a read began; `touch` as in reconcile.Read."""

    environment: Environment
    region: str
    began: datetime
    touch: bool = False


def write_groups(
    place: Place, groups: Iterable[GroupState], instances: Iterable[InstanceState], covers: Q | None = None
) -> int:
    """Rows written. `covers` selects the rows that the read would have found; all of the region unless given."""
    groups = list(groups)
    clusters = ensure_clusters(place.environment, place.region, [group.name for group in groups])
    launched = launches(place.environment, place.region, groups, instances)
    found = {
        group.name: rows.group_fields(
            group,
            cluster_id=clusters.get(group.name),
            image_id=launched[group.name].image_id,
            instance_type=launched[group.name].instance_type,
        )
        for group in groups
    }
    return reconcile(Group, Read(place.environment, place.region, place.began, found, covers or Q(), touch=place.touch))


def write_instances(
    place: Place, groups: Iterable[GroupState], instances: Iterable[InstanceState], covers: Q | None = None
) -> int:
    """Rows written; call after write_groups. A member EC2 does not tell of yet keeps the row it has."""
    members: dict[str, MemberState] = {member.id: member for group in groups for member in group.members}
    instances = list(instances)
    here = Group.objects.filter(environment=place.environment, region=place.region, gone_at__isnull=True)
    here = here.filter(name__in={instance.group for instance in instances})
    group_ids = dict(here.values_list("name", "id"))
    found = {
        instance.id: rows.instance_fields(instance, members.get(instance.id), group_ids.get(instance.group))
        for instance in instances
        if instance.state not in _OVER
    }
    keep = members.keys() - found.keys()
    read = Read(place.environment, place.region, place.began, found, covers or Q(), keep, place.touch)
    return reconcile(Instance, read)
