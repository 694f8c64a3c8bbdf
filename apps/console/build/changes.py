"""What changed, from rows: deployments with their way back, and what else people changed, in one order of time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet, Value
from django.db.models.functions import Coalesce, Now
from django.template.defaultfilters import truncatechars
from django.urls import reverse

from apps.accounts.models import Role, User
from apps.console import words
from apps.console.access import missing_role
from apps.console.build.bakes import bake_line
from apps.console.build.history import back_to, history_line, told
from apps.console.pages.changes import ChangeLine
from apps.console.pages.common import Action, State
from apps.deployments import selectors
from apps.deployments.models import Deployment
from apps.events.models import Event
from apps.events.selectors import all_events
from apps.images.models import Bake
from apps.images.selectors import bakes as all_bakes
from apps.workflows.states import ACTIVE, Phase, RunState

DEPLOYMENT, EVENT = "deployment", "event"
BAKED = "bake.requested"
LONG = 120  # characters of a value, at most
RECORDED = State("rest", "recorded")  # of what is neither a deployment nor a bake, and has no outcome
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
    """A line each, in the order given: six queries, however many they are."""
    found = list(found)
    rows = {row.pk: row for row in selectors.deployments().filter(pk__in=_of(found, DEPLOYMENT))}
    events = all_events().in_bulk(_of(found, EVENT))
    blocked = selectors.ways_back(rows.values())
    runs = [event.run for event in events.values() if event.kind == BAKED]
    bakes = {bake.run_id: bake for bake in all_bakes().prefetch_related(None).filter(run__in=runs)}
    return tuple(
        _of_event(events[number], bakes) if source == EVENT else _of_deployment(rows[number], blocked[number], user)
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


def _of_event(event: Event, bakes: Mapping[int, Bake]) -> ChangeLine:
    state, href, says = _told_at_length(event, bakes)
    address = (event.environment, event.region, event.cluster)
    return ChangeLine(
        f"{EVENT}-{event.pk}",
        event.at,
        state,
        text=told(event),
        href=href,
        says=says,
        where=" ".join(filter(None, [event.cluster, event.environment, event.region])),
        cluster=address if all(address) else None,
        reason=event.reason,
    )


def _told_at_length(event: Event, bakes: Mapping[int, Bake]) -> tuple[State, str, tuple[str, ...]]:
    """How it went, where more is told of it, and what is said of it below its sentence."""
    bake = bakes.get(event.run or 0) if event.kind == BAKED else None
    if bake is not None:
        line = bake_line(bake)
        ended = f"{line.state.word[:1].upper()}{line.state.word[1:]}{f': {line.says}' if line.says else '.'}"
        return line.state, reverse("console:bake", args=[bake.pk]), (ended,)
    if event.kind.startswith("recipe."):
        href = f"{reverse('console:application', args=[event.subject])}#recipe"
        return RECORDED, href, tuple(_changed(event.before or {}, event.after or {}))
    return RECORDED, "", ()


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Each value of a recipe that was changed, from what to what; of its options those that are other ones."""
    for name, was in before.items():
        now = after.get(name)
        if isinstance(was, dict) and isinstance(now, dict):
            differ = sorted(each for each in {*was, *now} if was.get(each) != now.get(each))
            yield from (f"{each}: {_value(was.get(each))} → {_value(now.get(each))}" for each in differ)
        else:
            yield f"{name}: {_value(was)} → {_value(now)}"


def _value(value: Any) -> str:
    """It in a line; of a long text, as commands, the beginning."""
    text = ", ".join(map(str, value)) if isinstance(value, list) else words.plain(value)
    return truncatechars(text, LONG) if value not in (None, "", []) else "none"
