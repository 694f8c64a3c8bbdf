"""Fresh reads of single clusters, around whatever the console does to them.

Pushes ask at every look. So that fifty at once cost no more than a few calls, those of a region are read together, and
at most once a second.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import F, Max, Q, QuerySet

from apps.inventory.models import Cluster, Environment
from apps.inventory.services.clock import database_time
from apps.inventory.services.cluster_reads import read_clusters
from apps.inventory.services.locks import alone
from apps.workflows.services.nudge import send

PAUSE = 1.0  # seconds between the beginnings of two rounds in one region
AGAIN = timedelta(minutes=1)  # until what is still unknown is asked for again


def refresh_cluster(environment: Environment, region: str, cluster: str, groups: Iterable[str] = ()) -> None:
    """Reads one cluster now and brings its rows to it; `groups` names groups that no row tells of yet.

    With none known and none named, every group of the region is read to find the cluster's. Raises CloudError.
    """
    read_clusters(environment, region, {cluster: set(groups)})


def refresh_soon(environment: Environment, region: str, cluster: str, groups: Iterable[str] = ()) -> float:
    """Asks for a refresh, and makes the round if it is time; the seconds after which to call `refresh_wanted`, or 0."""
    asked = Cluster.objects.filter(environment=environment, region=region, name=cluster).update(
        refresh_wanted_at=database_time(), expected_groups=sorted(set(groups))
    )
    if not asked:
        refresh_cluster(environment, region, cluster, groups)
        return 0.0
    return refresh_wanted(environment, region)


def refresh_wanted(environment: Environment, region: str) -> float:
    """Refreshes all clusters of the region that were asked for since they were read; the seconds to wait, or 0.

    Whoever comes while a round goes on, or too soon after one, is told to come again. Raises CloudError.
    """
    with alone("refresh", environment, region) as first:
        if not first:
            return PAUSE
        wanted = list(_wanted(environment, region))
        if not wanted:
            return 0.0
        wait = _seconds_left(environment, region)
        if wait > 0:
            return wait
        read_clusters(environment, region, {cluster.name: set(cluster.expected_groups) for cluster in wanted})
    return 0.0


def ask_once(cluster: Cluster) -> bool:
    """Has a worker read the cluster soon, unless that was asked for within the last minute; whether it was asked now.

    For who looks at what was not read yet. That nobody heard of it is noticed by the next who looks.
    """
    now = database_time()
    lately = Q(refresh_wanted_at__gt=now - AGAIN)
    if not Cluster.objects.filter(pk=cluster.pk).exclude(lately).update(refresh_wanted_at=now):
        return False
    send("inventory.refresh_wanted", cluster.environment.name, cluster.region)
    return True


def _wanted(environment: Environment, region: str) -> QuerySet[Cluster]:
    unread = Q(refreshed_at__isnull=True) | Q(refreshed_at__lt=F("refresh_wanted_at"))
    here = Cluster.objects.filter(environment=environment, region=region, refresh_wanted_at__isnull=False)
    return here.filter(unread).order_by("name")


def _seconds_left(environment: Environment, region: str) -> float:
    here = Cluster.objects.filter(environment=environment, region=region)
    last = here.aggregate(last=Max("refreshed_at"))["last"]
    return (last + timedelta(seconds=PAUSE) - database_time()).total_seconds() if last else 0.0
