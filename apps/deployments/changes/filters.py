"""The filter of what changed: the deployments' own, and by the same names the events' own for all the rest."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from apps.deployments.filters import DeploymentFilter
from apps.deployments.models import Deployment
from apps.events.filters import EventFilter
from apps.events.models import Event
from apps.events.selectors import all_events
from apps.images.models import Bake, BakedImage, Promotion
from apps.workflows.models import Run
from apps.workflows.states import BY_WORD

HOURS = {1: "hour", 3: "3 hours", 12: "12 hours", 24: "24 hours", 72: "3 days", 168: "7 days"}
ALL = "any"
SPANS = [*((str(each), f"last {words}") for each, words in HOURS.items()), (ALL, "any time")]
BAKED = "bake.requested"
PROMOTED = ("promotion.requested", "promotion.revoke_requested")
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
    "janitor.": "Janitor",
    "user.": "User",
}

# Who came and looked, how runs of the machinery went; tokens, which give nobody more than they had; what CI told, and
# what was tried of it.
BESIDE = ("user.sign", "user_data.", "token.", "instance.", "run.", "build.", "check.")
# What a deployment did is told by its own line; these are decisions that somebody took beside it.
DECIDED = ("deployment.overridden", "lock.broken")


def other_changes() -> QuerySet[Event]:
    """What no deployment did: what repairs gave back, bakes that were asked for; and what was decided beside one."""
    own = Deployment.objects.filter(run=OuterRef("run"))
    found = all_events().filter(~Exists(own) | Q(kind__in=DECIDED))
    baked = Bake.objects.filter(run=OuterRef("run"))
    found = found.filter(~Exists(baked) | Q(kind=BAKED))  # what it does is told on its page
    promoted = Promotion.objects.filter(Q(run=OuterRef("run")) | Q(revocation=OuterRef("run")))
    found = found.filter(~Exists(promoted) | Q(kind__in=PROMOTED))
    for prefix in BESIDE:
        found = found.exclude(kind__startswith=prefix)
    return found


class OtherChangesFilter(EventFilter):
    """The events' filter; what names no environment or no region is about every one."""

    environment = django_filters.CharFilter(field_name="environment", method="here")
    region = django_filters.CharFilter(field_name="region", method="here")
    state = django_filters.CharFilter(method="in_state")
    image = django_filters.CharFilter(method="of_image")

    def here(self, events: QuerySet[Event], name: str, value: str) -> QuerySet[Event]:
        """What happened there or everywhere."""
        return events.filter(**{f"{name}__in": ["", value]})

    def in_state(self, events: QuerySet[Event], name: str, value: str) -> QuerySet[Event]:
        """Bakes and promotions of which the lists say so; nothing else has an outcome."""
        del name
        run = Run.objects.filter(pk=OuterRef("run"), state__in=BY_WORD[value])
        return events.filter(Exists(run), kind__in=[BAKED, *PROMOTED])

    def of_image(self, events: QuerySet[Event], name: str, value: str) -> QuerySet[Event]:
        """What was done to it; the bake that made it, and promotions of it or of what it was copied from."""
        del name
        baked = BakedImage.objects.filter(bake__run=OuterRef("run"), image_id=value)
        copies = [{"image_id": value}]
        promoted = Q(kind__in=PROMOTED) & (Q(after__images__contains=copies) | Q(before__images__contains=copies))
        return events.filter(Q(subject=value) | Q(kind=BAKED) & Exists(baked) | promoted)


SHARED = DeploymentFilter.base_filters.keys() & OtherChangesFilter.base_filters.keys()


class ChangeFilter(DeploymentFilter):
    """`kind` takes an event's too; `since` finds what ended or goes on after it; `hours` is a short way to say it.

    `qs` are the deployments that are found, `events` what else is.
    """

    SORTS: ClassVar[Mapping[str, str | tuple[str, ...]]] = {}  # they have one order, of time

    kind: Any = django_filters.CharFilter(
        method="of_kind", label="Kind of a deployment or of an event, or a prefix of the latter that ends with a dot"
    )
    since = django_filters.IsoDateTimeFilter(method="not_over", label="Ended not before this instant, or goes on")
    hours = django_filters.ChoiceFilter(choices=SPANS, method="in_hours", label="The last so many hours")

    @property
    def events(self) -> QuerySet[Event]:
        """What changed beside the deployments."""
        rows = other_changes()
        if not self.form.is_valid():
            return rows.none()
        given: Mapping[str, Any] = self.data or {}
        asked = {name: given[name] for name in SHARED if given.get(name)}
        if asked.get("kind") in Deployment.Kind.values:
            return rows.none()
        found: QuerySet[Event] = OtherChangesFilter(asked, queryset=rows).qs
        hours = self.form.cleaned_data.get("hours")
        return found.filter(at__gte=_ago(hours)) if hours and hours != ALL else found

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


def kinds(asked: str) -> list[tuple[str, Any]]:
    """What there is to choose from; whatever else the events' filter would take can be asked for as well."""
    further = [(asked, asked)] if "." in asked and asked not in OTHERS else []
    return [("Deployments", list(Deployment.Kind.choices)), ("Other changes", [*OTHERS.items(), *further])]


def _ago(hours: str) -> datetime:
    return timezone.now() - timedelta(hours=int(hours))
