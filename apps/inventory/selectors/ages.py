"""How old what a page shows is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from apps.inventory.models import Cluster, Environment, SyncState

STALE_ROUNDS = 3  # missed syncs after which a page says that its data is old


@dataclass(frozen=True)
class Age:
    """When the oldest of the data shown was read from AWS (None: never), and why it is not newer, if that is known."""

    read_at: datetime | None
    stale: bool
    error: str = ""


def age_of(states: Iterable[SyncState], newer: datetime | None = None) -> Age:
    """The age of data that these kinds' reads brought; `newer` is when a read of just what is shown began."""
    states = list(states)
    times = [state.succeeded_at for state in states]
    oldest = min((time for time in times if time), default=None) if all(times) else None
    read_at = max((time for time in (oldest, newer) if time), default=None)
    late = timedelta(seconds=STALE_ROUNDS * settings.SYNC_SECONDS)
    stale = read_at is None or timezone.now() - read_at > late
    return Age(read_at, stale, next((state.error for state in states if state.error), "") if stale else "")


def sync_states(environment: Environment | None = None, region: str = "") -> list[SyncState]:
    """Every kind's last read, everywhere or in one environment and region."""
    rows = SyncState.objects.select_related("environment")
    rows = rows.filter(environment=environment) if environment else rows
    return list(rows.filter(region=region) if region else rows)


def age_of_kinds(*kinds: SyncState.Kind, environment: Environment | None = None, region: str = "") -> Age:
    """The age of a list of these kinds: as old as the oldest region that it shows."""
    return age_of(state for state in sync_states(environment, region) if state.kind in kinds)


def age_of_cluster(cluster: Cluster) -> Age:
    """The age of a cluster's page: its own last refresh, or the region's groups and instances."""
    kinds = {SyncState.Kind.GROUPS, SyncState.Kind.INSTANCES}
    states = sync_states(cluster.environment, cluster.region)
    return age_of((state for state in states if state.kind in kinds), newer=cluster.refreshed_at)
