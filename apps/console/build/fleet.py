"""Many clusters in short: for home, for their list and for the page of an application.

Queries do not grow with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from apps.console.build.history import place_of, what
from apps.console.build.states import run_state
from apps.console.pages.common import State
from apps.console.pages.fleet import ClusterLine, Moves
from apps.deployments.models import Deployment
from apps.inventory.models import Cluster, Group, SyncState
from apps.inventory.selectors import ages
from apps.inventory.selectors.standing import InCluster, serving_in, standing_groups
from apps.workflows.selectors import waits
from apps.workflows.states import RunState

BY_TROUBLE = ("trouble", "name", "environment__name", "region")
AGED = frozenset({SyncState.Kind.GROUPS, SyncState.Kind.INSTANCES})  # of what the lines are read


def with_trouble(rows: QuerySet[Cluster], active: Sequence[Deployment]) -> QuerySet[Cluster]:
    """Each with its `trouble`: 0 serves nothing, 1 lacks instances or needs somebody, 2 is being changed, 3 is well.

    `active` are all deployments that have not ended.
    """
    asks = {row.cluster_id for row in active if row.run.state == RunState.NEEDS_PERSON}
    order = Case(
        When(health=Cluster.Health.SILENT, then=Value(0)),
        When(Q(health=Cluster.Health.LACKING) | Q(pk__in=asks), then=Value(1)),
        When(pk__in={row.cluster_id for row in active}, then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )
    return rows.annotate(trouble=order)


def cluster_lines(clusters: Sequence[Cluster], active: Iterable[Deployment]) -> tuple[ClusterLine, ...]:
    """A line a cluster, in the order given; clusters need their `current_groups` loaded.

    `active` are the deployments that have not ended, of these clusters at least.
    """
    serving, moving = serving_in(clusters), _moving(active)
    return tuple(_line(cluster, serving[cluster.pk], moving.get(cluster.pk)) for cluster in clusters)


def age_at(places: Sequence[tuple[str, str]]) -> ages.Age:
    """How old the lines are that lie in these environments and regions: as old as the oldest of them."""
    states = (state for state in ages.sync_states() if state.kind in AGED)
    return ages.age_of(state for state in states if (state.environment.name, state.region) in places)


def stale_words(age: ages.Age) -> str:
    """That some of many lines are older than they should be, and why; empty when none is."""
    return f"Some of this is older than it should be. {age.error}".strip() if age.stale else ""


def _moving(active: Iterable[Deployment]) -> Mapping[int, Moves]:
    """What changes each cluster now; where all only wait for their turn, the next."""
    newest = sorted(active, key=lambda row: (waits(row.run), row.pk), reverse=True)
    last = {row.cluster_id: row for row in newest}
    return {key: Moves(row.pk, run_state(row.run.state), what(row)) for key, row in last.items()}


def _line(cluster: Cluster, found: InCluster, moves: Moves | None) -> ClusterLine:
    serves = found.serving
    healthy = sum(each.healthy for each in serves)
    wanted = sum(each.total for each in serves)
    groups = standing_groups(cluster)
    return ClusterLine(
        place=place_of(cluster),
        state=_state(groups, found, healthy, wanted),
        version=" and ".join(dict.fromkeys(each.version for each in serves)),
        healthy=healthy,
        instances=wanted if serves else sum(group.instance_count for group in groups),
        moves=moves,
    )


def _state(groups: Sequence[Group], found: InCluster, healthy: int, wanted: int) -> State:
    if found.serving:
        return State("serve", "serves") if healthy >= wanted else State("attend", "serves, not complete")
    if not groups:
        return State("rest", "no group")
    if found.unread:
        return State("rest", "not read yet")
    if any(group.traffic_sources for group in groups):
        return State("fail", "serves nothing")
    return State("rest", "behind no load balancer")
