"""Filters on deployments, the same for pages and API."""

from __future__ import annotations

import django_filters

from apps.deployments.models import Deployment
from apps.workflows.states import RunState


class DeploymentFilter(django_filters.FilterSet):
    application = django_filters.CharFilter(field_name="cluster__application__name")
    environment = django_filters.CharFilter(field_name="cluster__environment__name")
    region = django_filters.CharFilter(field_name="cluster__region")
    cluster = django_filters.CharFilter(field_name="cluster__name")
    actor = django_filters.CharFilter(field_name="actor")
    kind = django_filters.ChoiceFilter(choices=Deployment.Kind.choices)
    state = django_filters.ChoiceFilter(field_name="run__state", choices=RunState.choices)
    image = django_filters.CharFilter(field_name="to_image")
    since = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")
    until = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="lt")

    class Meta:
        model = Deployment
        fields: list[str] = []
