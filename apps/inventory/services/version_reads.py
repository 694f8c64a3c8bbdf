"""All versions of all launch templates, not only those that groups launch: any of them may launch its AMI tomorrow.

A version never changes, so a template is read again only when it has got a newer one, and once a day for those that
were deleted. A part a round, those longest unread first.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import timedelta

from django.db.models import F, Q, QuerySet

from apps.cloud.aws import ec2
from apps.cloud.errors import CloudError
from apps.inventory.models import Environment, LaunchTemplate, LaunchTemplateVersion
from apps.inventory.services.clock import database_time
from apps.inventory.services.launches import keep_versions
from apps.inventory.services.locks import alone, writing

log = logging.getLogger(__name__)

A_ROUND = 50  # templates that one round reads
AGAIN_AFTER = timedelta(days=1)


def read_template_versions(environment: Environment, region: str, most: int = A_ROUND) -> int:
    """Reads the versions of the templates whose rows are behind; how many templates were read. None raises."""
    with alone("template versions", environment, region) as first:
        if not first:
            return 0
        due = list(_behind(environment, region).order_by(F("versions_read_at").asc(nulls_first=True), "id")[:most])
        return sum(_read(each) for each in due)


def _behind(environment: Environment, region: str) -> QuerySet[LaunchTemplate]:
    here = LaunchTemplate.objects.filter(environment=environment, region=region, gone_at__isnull=True)
    old = Q(versions_read_at__isnull=True) | Q(versions_read_at__lt=database_time() - AGAIN_AFTER)
    return here.filter(old | Q(versions_read_to__lt=F("latest_version"))).select_related("environment")


def _read(row: LaunchTemplate) -> bool:
    began = database_time()
    try:
        found = ec2.describe_launch_template_versions(row.environment.target(row.region), row.template_id)
    except CloudError as error:
        log.info("versions of %s in %s %s not read: %s", row.name, row.environment.name, row.region, error)
        return False
    numbers = [each.version for each in found]
    with writing(row.environment, row.region):
        keep_versions(row.environment, row.region, found)
        _strike_off(row, numbers)
        read_to = max(numbers, default=0)
        LaunchTemplate.objects.filter(pk=row.pk).update(versions_read_at=began, versions_read_to=read_to)
    return True


def _strike_off(row: LaunchTemplate, standing: Iterable[int]) -> None:
    """Versions that were deleted launch nothing any more; a newer one than was read may stand by now."""
    numbers = list(standing)
    kept = LaunchTemplateVersion.objects.filter(
        environment=row.environment, region=row.region, template_id=row.template_id
    )
    kept.filter(version__lte=max(numbers, default=0)).exclude(version__in=numbers).delete()
