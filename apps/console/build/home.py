"""The home page from rows."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from apps.accounts.models import User
from apps.console.build.bakes import bake_line
from apps.console.build.fleet import AGED, BY_TROUBLE, cluster_lines, stale_words, with_trouble
from apps.console.build.freezes import frozen
from apps.console.build.history import history_line
from apps.console.pages.bakes import BakeLine
from apps.console.pages.fleet import HomePage
from apps.deployments import freezes
from apps.deployments import selectors as deployments
from apps.deployments.models import Deployment
from apps.images import selectors as images
from apps.inventory.models import Group
from apps.inventory.selectors import ages, lists
from apps.workflows.states import ACTIVE, RunState

CLUSTERS = 40
MOVING = 50
LINES = 10
LATELY = timedelta(days=1)


def home_page(user: User) -> HomePage:
    """What is moving, what needs somebody, what did not go well, and the clusters one looks after: troubled first."""
    active = list(deployments.running())
    waiting = [each for each in active if each.run.state == RunState.NEEDS_PERSON]
    moving = [each for each in active if each.run.state != RunState.NEEDS_PERSON]
    bad = _bad()
    baking, not_baked = _bakes(bad)
    here = Exists(Group.objects.filter(cluster=OuterRef("pk"), gone_at__isnull=True))
    standing = with_trouble(lists.clusters().filter(here), active).order_by(*BY_TROUBLE, "pk")
    own = Q(application__owner__iexact=user.username)
    if user.email:
        own |= Q(application__email__iexact=user.email)
    mine = list(standing.filter(own)[: CLUSTERS + 1])
    clusters = mine or list(standing[: CLUSTERS + 1])
    age = ages.age_of_kinds(*AGED)
    return HomePage(
        moving=tuple(history_line(each) for each in moving[:MOVING]),
        waiting=tuple(history_line(each) for each in sorted(waiting, key=lambda each: not _concerns(each, user))),
        failed=tuple(history_line(each) for each in deployments.deployments().filter(bad)[:LINES]),
        mine=bool(mine),
        clusters=cluster_lines(clusters[:CLUSTERS], active),
        more=len(clusters) > CLUSTERS,
        read_at=age.read_at,
        stale=stale_words(age) if clusters else "",
        frozen=frozen(freezes.on()),
        baking=baking,
        not_baked=not_baked,
    )


def _bad() -> Q:
    """Whose run did not go well lately; what was asked for by cancelling went well."""
    ended_so = Q(run__state=RunState.FAILED) | Q(run__state=RunState.UNDONE, run__cancelled_by="")
    return ended_so & Q(run__ended_at__gte=timezone.now() - LATELY)


def _bakes(bad: Q) -> tuple[tuple[BakeLine, ...], tuple[BakeLine, ...]]:
    """Those under way, and those that did not go well; one query for both."""
    rows = images.bakes().prefetch_related(None)
    found = list(rows.filter(Q(run__state__in=ACTIVE) | bad)[: MOVING + LINES])
    under_way = [each for each in found if not each.run.ended]
    over = [each for each in found if each.run.ended]
    return tuple(map(bake_line, under_way[:MOVING])), tuple(map(bake_line, over[:LINES]))


def _concerns(row: Deployment, user: User) -> bool:
    """Whether somebody asked for it, or answers for its application."""
    application, email = row.cluster.application, user.email.lower()
    names = {row.actor.lower(), application.owner.lower()}
    return user.username.lower() in names or (bool(email) and application.email.lower() == email)
