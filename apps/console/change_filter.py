"""The filter of what changed: the deployments' own, and by the same names the events' own for all the rest."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from apps.console.filters import DeploymentListFilter, Strict, one_of
from apps.deployments.models import Deployment
from apps.events.filters import EventFilter
from apps.events.models import Event
from apps.events.selectors import all_events
from apps.images.models import Bake, Promotion

HOURS = {1: "hour", 3: "3 hours", 12: "12 hours", 24: "24 hours", 72: "3 days", 168: "7 days"}
USUAL = 12
ALL = "any"
OTHERS = {  # kinds of events, as the events' filter takes them
    "cluster.": "Policy",
    "deployment.overridden": "Override",
    "lock.": "Broken lock",
    "freeze.": "Freeze",
    "application.": "Application",
    "webhook.": "Webhook",
    "environment.": "Environment",
    "group.": "Repair",
    "bake.": "Bake",
    "promotion.": "Promotion",
    "recipe.": "Recipe",
    "base_image.": "Base image",
    "user.": "User",
}

PROMOTED = ("promotion.requested", "promotion.revoke_requested")

# Who came and looked, how runs of the machinery went; tokens, which give nobody more than they had; what CI told.
BESIDE = ("user.sign", "token.", "instance.", "run.", "build.")
# What a deployment did is told by its own line; these are decisions that somebody took beside it.
DECIDED = ("deployment.overridden", "lock.broken")


def other_changes() -> QuerySet[Event]:
    """What no deployment did: what repairs gave back, bakes that were asked for; and what was decided beside one."""
    own = Deployment.objects.filter(run=OuterRef("run"))
    found = all_events().filter(~Exists(own) | Q(kind__in=DECIDED))
    baked = Bake.objects.filter(run=OuterRef("run"))
    found = found.filter(~Exists(baked) | Q(kind="bake.requested"))  # what it does is told on its page
    promoted = Promotion.objects.filter(Q(run=OuterRef("run")) | Q(revocation=OuterRef("run")))
    found = found.filter(~Exists(promoted) | Q(kind__in=PROMOTED))
    for prefix in BESIDE:
        found = found.exclude(kind__startswith=prefix)
    return found


class OtherChangesFilter(Strict, EventFilter):
    """The events' filter; what names no environment or no region is about every one."""

    environment = django_filters.CharFilter(field_name="environment", method="here")
    region = django_filters.CharFilter(field_name="region", method="here")

    def here(self, events: QuerySet[Event], name: str, value: str) -> QuerySet[Event]:
        """What happened there or everywhere."""
        return events.filter(**{f"{name}__in": ["", value]})


SHARED = DeploymentListFilter.base_filters.keys() & OtherChangesFilter.base_filters.keys()
ALONE = ("state", "image")  # an event has neither


class ChangeFilter(DeploymentListFilter):
    """`kind` takes an event's too; `since` finds what ended or goes on after it; `hours` is a short way to say it."""

    hours = one_of(
        "",
        [*((str(each), f"last {words}") for each, words in HOURS.items()), (ALL, "any time")],
        None,
        method="in_hours",
    )
    kind = one_of("", [], "any kind", method="of_kind")
    since = django_filters.IsoDateTimeFilter(method="not_over")

    def __init__(self, data: Any, **more: Any) -> None:
        data = data.copy()
        if data.get("since") or data.get("until"):
            data["hours"] = ALL
        elif not data.get("hours"):
            data["hours"] = str(USUAL)
        super().__init__(data, **more)
        self.asked = data
        self.filters["kind"].extra["choices"] = _kinds(data.get("kind", ""))

    @property
    def span(self) -> str:
        """The last hours that are shown, in words; empty where other times are asked for."""
        chosen = self.form.cleaned_data.get("hours") if self.form.is_valid() else ""
        return HOURS[int(chosen)] if chosen and chosen != ALL else ""

    @property
    def events(self) -> QuerySet[Event]:
        """What changed beside the deployments."""
        rows = other_changes()
        if not self.form.is_valid():
            return rows.none()
        asked = {name: self.asked[name] for name in SHARED if self.asked.get(name)}
        if asked.get("kind") in Deployment.Kind.values or any(self.asked.get(name) for name in ALONE):
            return rows.none()
        found = OtherChangesFilter(asked, queryset=rows).qs
        hours = self.form.cleaned_data["hours"]
        return found if hours == ALL else found.filter(at__gte=_ago(hours))

    def in_hours(self, rows: QuerySet[Deployment], name: str, value: str) -> QuerySet[Deployment]:
        """Those of the last hours."""
        return rows if value == ALL else self.not_over(rows, name, _ago(value))

    def not_over(self, rows: QuerySet[Deployment], name: str, value: datetime) -> QuerySet[Deployment]:
        """Those that were not over by then: what began before it may have taken effect after it."""
        del name
        return rows.filter(Q(run__ended_at__gte=value) | Q(run__ended_at__isnull=True))

    def of_kind(self, rows: QuerySet[Deployment], name: str, value: str) -> QuerySet[Deployment]:
        """None of them where an event's kind is asked for."""
        del name
        return rows.filter(kind=value) if value in Deployment.Kind.values else rows.none()


def _ago(hours: str) -> datetime:
    return timezone.now() - timedelta(hours=int(hours))


def _kinds(asked: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """What there is to choose from; whatever else the events' filter would take can be asked for by the URL."""
    further = [(asked, asked)] if "." in asked and asked not in OTHERS else []
    return [("Deployments", list(Deployment.Kind.choices)), ("Other changes", [*OTHERS.items(), *further])]
