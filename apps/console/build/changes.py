"""What changed, for the page: each change with its mark, its link and its way back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from urllib.parse import urlencode

from django.template.defaultfilters import truncatechars
from django.urls import reverse

from apps.accounts.models import Role, User
from apps.console import words
from apps.console.access import missing_role
from apps.console.build.history import back_to, history_line, told
from apps.console.build.states import run_state
from apps.console.pages.changes import ChangeLine
from apps.console.pages.common import Action, State
from apps.deployments import selectors
from apps.deployments.changes import About, Altered, Change, changes
from apps.deployments.changes.timeline import Found
from apps.deployments.models import Deployment
from apps.workflows.states import ACTIVE, Phase, RunState

LONG = 120  # characters of a value, at most
RECORDED = State("rest", "recorded")  # of what is neither a deployment, a bake nor a promotion, and has no outcome


def change_lines(found: Iterable[Found], user: User) -> tuple[ChangeLine, ...]:
    """A line each, in the order given: eight queries, however many they are."""
    found_out = changes(found)
    blocked = selectors.ways_back([each.deployment for each in found_out if each.deployment])
    return tuple(
        _of_deployment(each, each.deployment, blocked[each.number], user) if each.deployment else _of_event(each)
        for each in found_out
    )


def _of_deployment(change: Change, row: Deployment, why_not: str, user: User) -> ChangeLine:
    line = history_line(row)
    return ChangeLine(f"{change.source}-{row.pk}", change.at, line.state, line, _back(row, why_not, user))


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


def _of_event(change: Change) -> ChangeLine:
    address = (change.environment, change.region, change.cluster)
    return ChangeLine(
        f"{change.source}-{change.number}",
        change.at,
        run_state(change.state) if change.state else RECORDED,
        text=told(change),
        href=_href(change.about),
        says=(*_outcome(change), *map(_altered, change.altered)),
        where=" ".join(filter(None, [change.cluster, change.environment, change.region])),
        cluster=address if all(address) else None,
        reason=change.reason,
    )


def _outcome(change: Change) -> Iterator[str]:
    """How it went, where that can be told."""
    if change.state:
        word, says = run_state(change.state).word, words.first_clause(change.says)
        yield f"{word[:1].upper()}{word[1:]}{f': {says}' if says else '.'}"


def _altered(value: Altered) -> str:
    """A value in a line; of a long text, as commands, the beginning."""
    return f"{value.name}: {_short(value.before)} → {_short(value.after)}"


def _short(text: str) -> str:
    return truncatechars(text, LONG) if text else "none"


def _href(about: About | None) -> str:
    """Where it is told at length; empty where no page does."""
    return PAGES[about.noun](about.key) if about else ""


def _page(name: str, key: str, *, mark: str = "") -> str:
    return f"{reverse(f'console:{name}', args=[key])}{mark}"


def _list(name: str, key: str, *, by: str = "") -> str:
    return f"{reverse(f'console:{name}')}{f'?{urlencode({by: key})}' if by else ''}"


PAGES: Mapping[str, Callable[[str], str]] = {  # by what a change is about
    "bake": partial(_page, "bake"),
    "promotion": partial(_page, "promotion"),
    "recipe": partial(_page, "application", mark="#recipe"),
    "application": partial(_page, "application"),
    "base-image": partial(_list, "base-images", by="image"),
    "environment": partial(_list, "environments"),
    "freeze": partial(_list, "freezes"),
    "janitor-rules": partial(_list, "janitor"),
    "janitor-mark": partial(_list, "janitor", by="resource"),
    "janitor-keep": partial(_list, "janitor", by="resource"),
}
