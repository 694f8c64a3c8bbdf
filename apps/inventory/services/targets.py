"""How the targets of one target group are: read when somebody looks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apps.cloud.aws import elbv2
from apps.cloud.values import TargetHealth
from apps.inventory.models import Instance, TargetGroup
from apps.inventory.selectors import lists
from apps.inventory.services.clock import database_time


@dataclass(frozen=True)
class Target:
    """One target as its target group finds it. `instance` is None for one that no row tells of, as an address."""

    health: TargetHealth
    instance: Instance | None


@dataclass(frozen=True)
class Targets:
    """All of them, as AWS tells at `read_at`."""

    read_at: datetime
    targets: tuple[Target, ...]


def targets_of(row: TargetGroup) -> Targets:
    """One call, and one query for the instances with their groups. Raises CloudError."""
    read_at = database_time()
    listed = elbv2.target_health(row.environment.target(row.region), row.arn)
    here = lists.instances().filter(environment=row.environment, region=row.region)
    known = {each.instance_id: each for each in here.filter(instance_id__in=[each.id for each in listed])}
    return Targets(read_at, tuple(Target(each, known.get(each.id)) for each in listed))
