"""One filter set over builds, for the page and the API alike, with the columns by which they are sorted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.images.models import Build, Gate


class BuildFilter(django_filters.FilterSet):
    """`outcome` with `gate` is of that gate, alone of any of a build's gates."""

    SORTS: ClassVar[Mapping[str, str]] = {"id": "id", "application": "application__name", "version": "version"}

    application = django_filters.CharFilter(field_name="application__name", label="Application, by name")
    package = django_filters.CharFilter(field_name="package", label="Package")
    version = django_filters.CharFilter(field_name="version", label="Version")
    branch = django_filters.CharFilter(field_name="branch", label="Branch")
    commit = django_filters.CharFilter(
        field_name="commit", lookup_expr="istartswith", label="First digits of the commit"
    )
    gate = django_filters.CharFilter(method="of_gate", label="A gate that was reported, by name")
    outcome = django_filters.ChoiceFilter(
        choices=Gate.Outcome.choices, method="of_outcome", label="How that gate, or any gate, ended"
    )
    since = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte", label="Reported not before")
    until = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="lt", label="Reported before")
    q = django_filters.CharFilter(method="search", label="Part of the package or version, or CI's number")

    class Meta:
        model = Build
        fields: list[str] = []

    def of_gate(self, rows: QuerySet[Build], name: str, value: str) -> QuerySet[Build]:
        del name
        return self._with(rows, name=value, outcome=self._asked("outcome"))

    def of_outcome(self, rows: QuerySet[Build], name: str, value: str) -> QuerySet[Build]:
        del name
        return self._with(rows, name=self._asked("gate"), outcome=value)

    def search(self, rows: QuerySet[Build], name: str, value: str) -> QuerySet[Build]:
        del name
        return rows.filter(Q(package__icontains=value) | Q(version__icontains=value) | Q(number=value))

    def _asked(self, name: str) -> str:
        return str(self.form.cleaned_data.get(name) or "")

    def _with(self, rows: QuerySet[Build], **wanted: Any) -> QuerySet[Build]:
        given = {name: value for name, value in wanted.items() if value}
        return rows.filter(Exists(Gate.objects.filter(build=OuterRef("pk"), **given)))
