"""What changed, from rows: deployments with their way back, and what else people changed, in one order of time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet, Value
from django.db.models.functions import Coalesce, Now
from django.urls import reverse

from apps.accounts.models import Role, User
from apps.console.access import missing_role
from apps.console.build.history import back_to, history_line, told
from apps.console.pages.changes import ChangeLine
from apps.console.pages.common import Action, State
from apps.deployments import selectors
from apps.deployments.models import Deployment
from apps.events.models import Event
from apps.events.selectors import all_events
from apps.workflows.states import ACTIVE, Phase, RunState

DEPLOYMENT, EVENT = "deployment", "event"
RECORDED = State("rest", "recorded")  # of what is no deployment, and has no outcome
Found = tuple[datetime, str, int]  # when; which of the two it is; its id


def in_time(deployments: QuerySet[Deployment], events: QuerySet[Event]) -> QuerySet[Any, Found]:
    """What was found in both, as one list, newest first: what goes on, then by when it ended or happened.

    There is no other order: half of it has no outcome to be sorted by. The filter `state` finds those that have one.
    """
    pushed = deployments.order_by().annotate(
        moment=Coalesce("run__ended_at", Now()), source=Value(DEPLOYMENT), number=F("id")
    )
    others = events.order_by().annotate(moment=F("at"), source=Value(EVENT), number=F("id"))
    columns = ("moment", "source", "number")
    both = pushed.values_list(*columns).union(others.values_list(*columns), all=True)
    return both.order_by("-moment", "source", "-number")


def change_lines(found: Iterable[Found], user: User) -> tuple[ChangeLine, ...]:
    """A line each, in the order given: five queries, however many they are."""
    found = list(found)
    rows = {row.pk: row for row in selectors.deployments().filter(pk__in=_of(found, DEPLOYMENT))}
    events = all_events().in_bulk(_of(found, EVENT))
    blocked = selectors.ways_back(rows.values())
    return tuple(
        _of_event(events[number]) if source == EVENT else _of_deployment(rows[number], blocked[number], user)
        for _, source, number in found
        if number in (events if source == EVENT else rows)
    )


def _of(found: Sequence[Found], source: str) -> list[int]:
    return [number for _, each, number in found if each == source]


def _of_deployment(row: Deployment, why_not: str, user: User) -> ChangeLine:
    line = history_line(row)
    at = row.run.ended_at or row.created_at
    return ChangeLine(f"{DEPLOYMENT}-{row.pk}", at, line.state, line, _back(row, why_not, user))


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
    address = (event.environment, event.region, event.cluster)
    return ChangeLine(
        f"{EVENT}-{event.pk}",
        event.at,
        RECORDED,
        text=told(event),
        where=" ".join(filter(None, [event.cluster, event.environment, event.region])),
        cluster=address if all(address) else None,
        reason=event.reason,
    )
