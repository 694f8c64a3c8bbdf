"""Filters on deployments and freezes, the same for pages and API, with the columns by which they are sorted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import django_filters
from django.db.models import Q, QuerySet

from apps.deployments import freezes
from apps.deployments.models import Deployment, Freeze
from apps.workflows.states import BY_WORD, NOT_ENDED, RunState


class DeploymentFilter(django_filters.FilterSet):
    """`state=running` and `state=waiting` both find what goes on, `state=active` all that has not ended."""

    SORTS: ClassVar[Mapping[str, str]] = {"id": "id"}

    application = django_filters.CharFilter(field_name="cluster__application__name")
    environment = django_filters.CharFilter(field_name="cluster__environment__name")
    region = django_filters.CharFilter(field_name="cluster__region")
    cluster = django_filters.CharFilter(field_name="cluster__name")
    actor = django_filters.CharFilter(field_name="actor")
    kind = django_filters.ChoiceFilter(choices=Deployment.Kind.choices)
    state = django_filters.ChoiceFilter(
        choices=[*RunState.choices, NOT_ENDED],
        method="in_state",
        label="State; running finds what is waiting too, and the reverse; active finds all that has not ended",
    )
    image = django_filters.CharFilter(method="by_image", label="Id of an AMI that it goes to, or away from")
    since = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")
    until = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="lt")

    class Meta:
        model = Deployment
        fields: list[str] = []

    def in_state(self, rows: QuerySet[Deployment], name: str, value: str) -> QuerySet[Deployment]:
        """Those of which the lists say so."""
        del name
        return rows.filter(run__state__in=BY_WORD[value])

    def by_image(self, rows: QuerySet[Deployment], name: str, value: str) -> QuerySet[Deployment]:
        """Those that bring it, and those that take it away: somebody who asks for a bad image wants both."""
        del name
        return rows.filter(Q(to_image=value) | Q(from_image=value))


class FreezeScopeFilter(django_filters.FilterSet):
    """By what a freeze names; those that concern a cluster because they name nothing are not found by its name."""

    SORTS: ClassVar[Mapping[str, str]] = {"ends": "ends_at", "starts": "starts_at"}

    environment = django_filters.CharFilter(field_name="environment")
    application = django_filters.CharFilter(field_name="application")
    cluster = django_filters.CharFilter(field_name="cluster")
    actor = django_filters.CharFilter(field_name="actor")

    class Meta:
        model = Freeze
        fields: list[str] = []


class FreezeFilter(FreezeScopeFilter):
    """Also by where they are in time now."""

    STATES = {"on": freezes.on, "to-come": freezes.to_come, "over": freezes.over}

    state = django_filters.ChoiceFilter(choices=[(word, word) for word in STATES], method="in_state")

    def in_state(self, rows: QuerySet[Freeze], name: str, value: str) -> QuerySet[Freeze]:
        """Those that are on, to come or over."""
        del name
        return rows.filter(pk__in=self.STATES[value]().values("pk"))
