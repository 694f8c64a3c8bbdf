"""The health of targets, kept with each instance. AWS answers it a target group at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from django.db.models import F, Q

from apps.cloud.aws.registered import registered
from apps.cloud.errors import NotFound
from apps.cloud.values import TargetHealth
from apps.inventory.models import Environment, Group, Instance, TargetGroup
from apps.inventory.services import rows
from apps.inventory.services.kinds import Place

Healths = Mapping[str, tuple[TargetHealth, ...]]  # by target group ARN, or classic load balancer name


def longest_unread(environment: Environment, region: str, most: int | None) -> list[str]:
    """What is to be asked next, of the target groups (as many as `most`, or all) and classic load balancers in use.

    Classic load balancers have no row that tells when they were asked: all of them are asked each time.
    """
    groups = Group.objects.filter(environment=environment, region=region, gone_at__isnull=True)
    sources = [source for listed in groups.values_list("traffic_sources", flat=True) for source in listed]
    attached = {source["identifier"] for source in sources if source["type"] == "elbv2"}
    classic = {source["identifier"] for source in sources if source["type"] == "elb"}
    known = TargetGroup.objects.filter(environment=environment, region=region, gone_at__isnull=True)
    ordered = known.filter(arn__in=attached).order_by(F("health_read_at").asc(nulls_first=True))
    return [*ordered.values_list("arn", flat=True)[:most], *sorted(classic)]


def read_health(environment: Environment, region: str, arns: Iterable[str]) -> Healths:
    """The health of every target of these target groups; a deleted target group has no targets."""
    found: dict[str, tuple[TargetHealth, ...]] = {}
    for arn in arns:
        try:
            found[arn] = registered(environment.target(region), arn)
        except NotFound:
            found[arn] = ()
    return found


def write_health(place: Place, healths: Healths) -> int:
    """Instance rows written; target groups read later than this read are passed over."""
    known = TargetGroup.objects.filter(environment=place.environment, region=place.region, arn__in=healths)
    newer = set(known.filter(health_read_at__gt=place.began).values_list("arn", flat=True))
    current = {arn: targets for arn, targets in healths.items() if arn not in newer}
    by_target: dict[str, dict[str, dict[str, str]]] = {}
    for arn, targets in current.items():
        for target in targets:
            by_target.setdefault(target.id, {})[arn] = rows.health_row(target)
    changed = []
    for instance in _touched(place, current, by_target):
        wanted = _merged(instance, current, by_target)
        if wanted != instance.target_health:
            instance.target_health = wanted
            changed.append(instance)
    Instance.objects.bulk_update(changed, ["target_health"], batch_size=500)
    known.filter(arn__in=current).update(health_read_at=place.began)
    return len(changed)


def _touched(place: Place, arns: Collection[str], targets: Collection[str]) -> Iterable[Instance]:
    """Instances these target groups list, or listed when last read."""
    here = Instance.objects.filter(environment=place.environment, region=place.region, gone_at__isnull=True)
    listed = (
        Q(instance_id__in=list(targets)) | Q(private_ip__in=list(targets)) | Q(target_health__has_any_keys=list(arns))
    )
    return here.filter(listed).only("id", "instance_id", "private_ip", "target_health")


def _merged(
    instance: Instance, arns: Collection[str], by_target: Mapping[str, dict[str, dict[str, str]]]
) -> dict[str, dict[str, str]]:
    kept = {arn: health for arn, health in instance.target_health.items() if arn not in arns}
    return {**kept, **by_target.get(instance.private_ip, {}), **by_target.get(instance.instance_id, {})}
