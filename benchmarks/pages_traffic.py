"""Load balancers and target groups for bench_pages: the clusters of an application share a load balancer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any


def put_behind(seen: dict[str, Any], clusters: Iterable[Any], now: datetime) -> None:
    """A target group a cluster, with a rule of its application's load balancer; all of it was read."""
    from apps.inventory.models import LoadBalancer, TargetGroup

    by_application: dict[str, list[Any]] = {}
    for cluster in clusters:
        by_application.setdefault(cluster.application.name, []).append(cluster)
    LoadBalancer.objects.bulk_create(
        LoadBalancer(
            **seen,
            arn=_balancer_of(these[0]),
            name=name,
            state="active",
            listeners=[_listener(these)],
            listeners_read_at=now,
        )
        for name, these in by_application.items()
    )
    TargetGroup.objects.bulk_create(
        TargetGroup(
            **seen,
            arn=target_group_of(each),
            name=each.name,
            protocol="HTTP",
            port=80,
            target_type="instance",
            health_interval=5,
            healthy_threshold=2,
            health_read_at=now,
            load_balancers=[_balancer_of(each)],
        )
        for these in by_application.values()
        for each in these
    )


def target_group_of(cluster: Any) -> str:
    """Its ARN."""
    return f"{_here(cluster)}:targetgroup/{cluster.name}/0123456789abcdef"


def _balancer_of(cluster: Any) -> str:
    return f"{_here(cluster)}:loadbalancer/app/{cluster.application.name}/0123456789abcdef"


def _here(cluster: Any) -> str:
    return f"arn:aws:elasticloadbalancing:{cluster.region}:123456789012"


def _listener(clusters: Iterable[Any]) -> dict[str, Any]:
    """One rule a cluster."""
    return {
        "arn": "listener",
        "port": 80,
        "protocol": "HTTP",
        "rules": [
            {
                "arn": f"rule-{each.name}",
                "priority": str(number),
                "conditions": [{"Field": "path-pattern", "Values": [f"/{each.name}/*"]}],
                "forwards": [{"target_group": target_group_of(each), "weight": 1}],
            }
            for number, each in enumerate(clusters, 1)
        ],
    }
