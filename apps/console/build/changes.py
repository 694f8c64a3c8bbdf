"""What changed in the last hours, from rows: deployments with their way back, and what else people changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Role, User
from apps.console.access import missing_role
from apps.console.build.history import back_to, history_line, told
from apps.console.pages.changes import ChangeLine, ChangesPage
from apps.console.pages.common import Action
from apps.deployments import selectors
from apps.deployments.models import Deployment
from apps.events.models import Event
from apps.events.selectors import all_events
from apps.workflows.states import ACTIVE, Phase, RunState

HOURS = (1, 3, 12, 24, 72)
MOST = 60
BESIDE = ("user.", "token.", "instance.", "run.")  # who came and looked; how runs of the machinery went


def changes_page(user: User, hours: int, environment: str) -> ChangesPage:
    """Newest first; its queries do not grow with what there is."""
    since = timezone.now() - timedelta(hours=hours)
    rows = list(_deployments(since, environment)[: MOST + 1])
    others = list(_others(since, environment)[: MOST + 1])
    lines = sorted([*_of_deployments(rows, user), *map(_of_event, others)], key=lambda line: line.at, reverse=True)
    return ChangesPage(hours, HOURS, tuple(lines[:MOST]), len(lines) > MOST)


def _deployments(since: datetime, environment: str) -> QuerySet[Deployment]:
    lately = Q(created_at__gte=since) | Q(run__ended_at__gte=since) | Q(run__state__in=ACTIVE)
    found = selectors.deployments().filter(lately)
    return found.filter(cluster__environment__name=environment) if environment else found


def _others(since: datetime, environment: str) -> QuerySet[Event]:
    """What no deployment did; what repairs gave back among it. What names no environment is about every one."""
    own = Deployment.objects.filter(run=OuterRef("run"))
    found = all_events().filter(~Exists(own), at__gte=since)
    for prefix in BESIDE:
        found = found.exclude(kind__startswith=prefix)
    return found.filter(environment__in=["", environment]) if environment else found


def _of_deployments(rows: Iterable[Deployment], user: User) -> list[ChangeLine]:
    rows = list(rows)
    blocked = selectors.ways_back(rows)
    return [
        ChangeLine(row.run.ended_at or row.created_at, history_line(row), _back(row, blocked[row.pk], user))
        for row in rows
    ]


def _back(row: Deployment, why_not: str, user: User) -> Action | None:
    """As the deployment's own page offers it; None for a deployment that is going back already."""
    role = missing_role(user, Role.OPERATOR)
    if row.run.state in ACTIVE:
        if row.run.state == RunState.NEEDS_PERSON:
            return Action("Decide…", reverse("console:deployment-decide", args=[row.pk]), blocked=role)
        cancel = Action("Cancel…", reverse("console:deployment-cancel", args=[row.pk]), blocked=role)
        return cancel if row.run.phase == Phase.FORWARD else None
    if row.kind not in Deployment.MOVES:
        return None
    text = f"Roll back to {back_to(row)}" if row.kind == Deployment.Kind.PUSH else "Roll back"
    return Action(text, reverse("console:rollback", args=[row.pk]), blocked=why_not or role)


def _of_event(event: Event) -> ChangeLine:
    where = " ".join(filter(None, [event.cluster, event.environment, event.region]))
    return ChangeLine(event.at, text=told(event), where=where, reason=event.reason)
