"""Who keeps something from the janitor, and the buttons that begin and end that, on the page of what is kept."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from apps.accounts.models import Role, User
from apps.console.access import missing_role
from apps.console.pages.common import Action
from apps.images.models import Keep

ON_PAGE = {"on": "page"}  # leads back to the page of what is kept


def keep_words(row: Keep) -> str:
    """Who keeps it, and why."""
    return f"{row.actor} keeps it{f': {row.reason}' if row.reason else ''}"


def keep_actions(kind: str, place: tuple[str, str], resource: str, rows: Sequence[Keep], user: User) -> list[Action]:
    """To keep what is in an environment and region; where somebody does, to end that."""
    role = missing_role(user, Role.OPERATOR)
    if rows:
        query = urlencode(ON_PAGE)
        return [
            Action(
                f"No longer keep it from the janitor of {place[0]}…",
                f"{reverse('console:janitor-keep-end', args=[row.pk])}?{query}",
                blocked=role,
            )
            for row in rows
        ]
    named = {"environment": place[0], "region": place[1], "kind": kind, "resource": resource, **ON_PAGE}
    return [
        Action(
            f"Keep it from the janitor of {place[0]}…",
            f"{reverse('console:janitor-keep')}?{urlencode(named)}",
            blocked=role,
        )
    ]


def way_back(kind: str, place: tuple[str, str], resource: str, query: dict[str, str]) -> tuple[str, str]:
    """What the page is called that leads to keeping something, and its address: its own, or the janitor's."""
    pages = {"image": ("console:image", [resource]), "group": ("console:group", [*place, resource])}
    if query.get("on") == ON_PAGE["on"] and kind in pages:
        name, where = pages[kind]
        with contextlib.suppress(NoReverseMatch):  # of no such names
            return resource, reverse(name, args=where)
    return "Janitor", reverse("console:janitor")
