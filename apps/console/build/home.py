"""The home page from rows."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from apps.accounts.models import User
from apps.console.build.fleet import cluster_lines
from apps.console.build.freezes import frozen
from apps.console.build.history import history_line
from apps.console.pages.fleet import HomePage
from apps.deployments import freezes
from apps.deployments import selectors as deployments
from apps.inventory.models import SyncState
from apps.inventory.selectors import ages, lists
from apps.workflows.states import ACTIVE, RunState

CLUSTERS = 40
LINES = 10
LATELY = timedelta(days=1)


def home_page(user: User) -> HomePage:
    """What is moving, what needs somebody, what did not go well, and the clusters one looks after."""
    active = list(deployments.deployments().filter(run__state__in=ACTIVE)[:50])
    bad = deployments.deployments().filter(
        Q(run__state=RunState.FAILED) | Q(run__state=RunState.UNDONE, run__cancelled_by=""),  # asked for, it went well
        run__ended_at__gte=timezone.now() - LATELY,
    )
    standing = lists.clusters().filter(groups__gone_at__isnull=True, groups__isnull=False).distinct()
    own = Q(application__owner__iexact=user.username)
    if user.email:
        own |= Q(application__email__iexact=user.email)
    mine = list(standing.filter(own)[: CLUSTERS + 1])
    clusters = mine or list(standing[: CLUSTERS + 1])
    age = ages.age_of_kinds(SyncState.Kind.GROUPS, SyncState.Kind.INSTANCES)
    return HomePage(
        moving=tuple(history_line(each) for each in active if each.run.state != RunState.NEEDS_PERSON),
        waiting=tuple(history_line(each) for each in active if each.run.state == RunState.NEEDS_PERSON),
        failed=tuple(history_line(each) for each in bad[:LINES]),
        mine=bool(mine),
        clusters=cluster_lines(clusters[:CLUSTERS]),
        more=len(clusters) > CLUSTERS,
        read_at=age.read_at,
        stale=(f"Some of this is older than it should be. {age.error}".strip(),) if age.stale and clusters else (),
        frozen=frozen(freezes.on()),
    )
