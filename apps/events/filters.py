"""One filter set over events, for the page and the API alike."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet

from apps.events.models import Event

OF_ONE = ("application.", "bake.", "recipe.")  # kinds whose subject is an application


class IdFilter(django_filters.Filter):
    """An id: a whole number from 1 to what a bigint holds."""

    field_class = forms.IntegerField

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, max_value=2**63 - 1, **options)


class EventFilter(django_filters.FilterSet):
    """`since` and `until` are ISO 8601 instants; `kind` also takes a prefix that ends with a dot (`deployment.`)."""

    application = django_filters.CharFilter(method="of_application", label="Application, by name")
    kind = django_filters.CharFilter(method="of_kind", label="Kind, or a prefix ending with a dot")
    since = django_filters.IsoDateTimeFilter(field_name="at", lookup_expr="gte", label="Not before this instant")
    until = django_filters.IsoDateTimeFilter(field_name="at", lookup_expr="lt", label="Before this instant")
    run = IdFilter(field_name="run", label="Id of the run")

    class Meta:
        model = Event
        fields = ["environment", "region", "cluster", "actor", "subject"]

    def of_application(self, events: QuerySet[Event], name: str, value: str) -> QuerySet[Event]:
        """Of it or of its clusters; also of the runs of these, and of what names it, as freezes and promotions do."""
        del name
        runs = Q(kind__startswith="run.") & _begins("subject", value)
        named = Q(before__application=value) | Q(after__application=value)
        own = Q()
        for prefix in OF_ONE:
            own |= Q(kind__startswith=prefix, subject=value)
        return events.filter(_begins("cluster", value) | own | runs | named)

    def of_kind(self, events: QuerySet[Event], name: str, value: str) -> QuerySet[Event]:
        return events.filter(kind__startswith=value) if value.endswith(".") else events.filter(kind=value)


def _begins(field: str, application: str) -> Q:
    """That a field names one of its clusters: their names begin with its own, which holds no hyphen."""
    return Q(**{field: application}) | Q(**{f"{field}__startswith": f"{application}-"})
