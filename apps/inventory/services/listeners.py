"""A load balancer's listeners and rules: AWS answers them a load balancer and a listener at a time."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from django.db.models import Q

from apps.cloud.aws import elbv2
from apps.cloud.errors import CloudError
from apps.inventory.models import Environment, LoadBalancer, TargetGroup
from apps.inventory.services import rows
from apps.inventory.services.clock import database_time

logger = logging.getLogger(__name__)


def read_listeners(balancer: LoadBalancer) -> int:
    """Reads them fresh; 1 when they changed, else 0. Raises CloudError."""
    began = database_time()
    target = balancer.environment.target(balancer.region)
    found = rows.listener_rows(*elbv2.describe_rules(target, [balancer.arn]))
    not_newer = Q(listeners_read_at__isnull=True) | Q(listeners_read_at__lte=began)
    row = LoadBalancer.objects.filter(not_newer, pk=balancer.pk)
    if found == balancer.listeners:
        row.update(listeners_read_at=began)
        return 0
    return row.update(listeners=found, listeners_read_at=began)


def learn_listeners(environment: Environment, region: str, target_groups: Iterable[str]) -> None:
    """Reads those of the load balancers before these target groups (ARNs) that nobody has read yet.

    What cannot be read now is left for the next round, which keeps why.
    """
    known = TargetGroup.objects.filter(environment=environment, region=region, arn__in=list(target_groups))
    named = {arn for arns in known.values_list("load_balancers", flat=True) for arn in arns}
    unread = LoadBalancer.objects.filter(
        environment=environment, region=region, arn__in=named, gone_at__isnull=True, listeners_read_at__isnull=True
    )
    try:
        for balancer in unread.select_related("environment"):
            read_listeners(balancer)
    except CloudError as error:
        logger.warning("listeners in %s %s not read: %s", environment.name, region, error)
