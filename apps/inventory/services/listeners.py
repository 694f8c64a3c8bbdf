"""A load balancer's listeners and rules: AWS answers them a load balancer and a listener at a time."""

from __future__ import annotations

from django.db.models import Q

from apps.cloud.aws import elbv2
from apps.inventory.models import LoadBalancer
from apps.inventory.services import rows
from apps.inventory.services.clock import database_time


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
