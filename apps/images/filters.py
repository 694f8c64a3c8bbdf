"""Filters on what this app lists, the same for pages and API, with the columns by which they are sorted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.images.models import Bake, BakedImage, BaseImage, Build, Gate, Keep, Mark, Promotion
from apps.images.promotion.progress import Standing, standing_is
from apps.workflows.states import BY_WORD, NOT_ENDED, RunState


class WholeNumberFilter(django_filters.NumberFilter):
    """By an id: what is no whole number is told, not rounded."""

    field_class = forms.IntegerField  # type: ignore[assignment]  # the base's is only its own


class BakeFilter(django_filters.FilterSet):
    """`state` finds as it does of deployments; `image` the bake that made an AMI."""

    SORTS: ClassVar[Mapping[str, str]] = {"id": "id"}

    application = django_filters.CharFilter(field_name="application__name")
    environment = django_filters.CharFilter(field_name="environment__name")
    region = django_filters.CharFilter(field_name="region", label="Region in which it is made")
    package = django_filters.CharFilter(field_name="package")
    version = django_filters.CharFilter(field_name="version")
    build = WholeNumberFilter(field_name="build", label="Id of the build that it is of")
    actor = django_filters.CharFilter(field_name="actor")
    state = django_filters.ChoiceFilter(
        choices=[*RunState.choices, NOT_ENDED],
        method="in_state",
        label="State; running finds what is waiting too, and the reverse; active finds all that has not ended",
    )
    base_image = django_filters.CharFilter(field_name="base_image", label="Id of the AMI that it was made upon")
    image = django_filters.CharFilter(method="by_image", label="Id of an AMI that it made")
    since = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")
    until = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="lt")

    class Meta:
        model = Bake
        fields: list[str] = []

    def in_state(self, rows: QuerySet[Bake], name: str, value: str) -> QuerySet[Bake]:
        """Those of which the lists say so."""
        del name
        return rows.filter(run__state__in=BY_WORD[value])

    def by_image(self, rows: QuerySet[Bake], name: str, value: str) -> QuerySet[Bake]:
        """The one that made it, in whichever region."""
        del name
        return rows.filter(Exists(BakedImage.objects.filter(bake=OuterRef("pk"), image_id=value)))


class BaseImageFilter(django_filters.FilterSet):
    """`standing` are those that may be baked upon: approved, and not withdrawn."""

    SORTS: ClassVar[Mapping[str, str]] = {"name": "name", "approved": "approved_at"}

    environment = django_filters.CharFilter(field_name="environment__name")
    region = django_filters.CharFilter(field_name="region")
    name = django_filters.CharFilter(field_name="name", label="Whole name")
    architecture = django_filters.CharFilter(field_name="architecture", label="Architecture, as x86_64")
    image = django_filters.CharFilter(field_name="image_id", label="Its AMI id")
    standing = django_filters.BooleanFilter(
        field_name="withdrawn_at", lookup_expr="isnull", label="Approved, and not withdrawn"
    )

    class Meta:
        model = BaseImage
        fields: list[str] = []


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


class PromotionFilter(django_filters.FilterSet):
    """`live` are those that count: under way, or standing. `state` is of the run that grants it, or takes it back."""

    SORTS: ClassVar[Mapping[str, str]] = {"id": "id"}

    application = django_filters.CharFilter(field_name="application")
    version = django_filters.CharFilter(field_name="version")
    image = django_filters.CharFilter(method="by_image", label="Id of the AMI, or of a copy of it")
    environment = django_filters.CharFilter(method="by_environment", label="Environment that it comes from or goes to")
    source = django_filters.CharFilter(field_name="source__name", label="Environment that it comes from")
    target = django_filters.CharFilter(field_name="target__name", label="Environment that may launch it")
    actor = django_filters.CharFilter(method="by_actor", label="Who promoted it, or asked to take it back")
    standing = django_filters.ChoiceFilter(choices=Standing.choices, method="in_standing", label="How it stands")
    state = django_filters.ChoiceFilter(
        choices=[*RunState.choices, NOT_ENDED],
        method="in_state",
        label="State; running finds what is waiting too, and the reverse; active finds all that has not ended",
    )
    live = django_filters.BooleanFilter(method="that_live", label="It is under way, or stands")
    since = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")
    until = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="lt")

    class Meta:
        model = Promotion
        fields: list[str] = []

    def by_image(self, rows: QuerySet[Promotion], name: str, value: str) -> QuerySet[Promotion]:
        """Those of it, in whichever region."""
        del name
        return rows.filter(Q(image_id=value) | Q(images__contains=[{"image_id": value}]))

    def by_environment(self, rows: QuerySet[Promotion], name: str, value: str) -> QuerySet[Promotion]:
        """Those from it and to it."""
        del name
        return rows.filter(Q(source__name=value) | Q(target__name=value))

    def by_actor(self, rows: QuerySet[Promotion], name: str, value: str) -> QuerySet[Promotion]:
        """Those that somebody promoted, and those that they had taken back."""
        del name
        return rows.filter(Q(actor=value) | Q(revocation__actor=value))

    def in_standing(self, rows: QuerySet[Promotion], name: str, value: str) -> QuerySet[Promotion]:
        """Those of which the lists say so."""
        del name
        return rows.filter(standing_is(Standing(value)))

    def in_state(self, rows: QuerySet[Promotion], name: str, value: str) -> QuerySet[Promotion]:
        """Those whose last run is in it."""
        del name
        states = BY_WORD[value]
        granting = Q(revocation__isnull=True, run__state__in=states)
        return rows.filter(granting | Q(revocation__state__in=states))

    def that_live(self, rows: QuerySet[Promotion], name: str, value: bool) -> QuerySet[Promotion]:
        """One that ended before it changed anything does not count."""
        del name
        counts = Q(live=True) & ~Q(run__state__in=(RunState.UNDONE, RunState.CANCELLED))
        return rows.filter(counts) if value else rows.exclude(counts)


class MarkFilter(django_filters.FilterSet):
    """`live` are marks that have not ended."""

    SORTS: ClassVar[Mapping[str, str]] = {"id": "id", "due": "due_at", "resource": "resource"}

    environment = django_filters.CharFilter(field_name="environment__name")
    region = django_filters.CharFilter(field_name="region")
    kind = django_filters.CharFilter(field_name="kind", label="Kind of resource: image, snapshot, ...")
    resource = django_filters.CharFilter(field_name="resource", label="Its whole id or name")
    application = django_filters.CharFilter(field_name="application")
    state = django_filters.ChoiceFilter(choices=Mark.State.choices)
    live = django_filters.BooleanFilter(method="that_live", label="Has not ended")

    class Meta:
        model = Mark
        fields: list[str] = []

    def that_live(self, rows: QuerySet[Mark], name: str, value: bool) -> QuerySet[Mark]:
        del name
        return rows.filter(state__in=Mark.LIVE) if value else rows.exclude(state__in=Mark.LIVE)


class KeepFilter(django_filters.FilterSet):
    """What people keep."""

    SORTS: ClassVar[Mapping[str, str]] = {"id": "id", "resource": "resource"}

    environment = django_filters.CharFilter(field_name="environment__name")
    region = django_filters.CharFilter(field_name="region")
    kind = django_filters.CharFilter(field_name="kind", label="Kind of resource: image, snapshot, ...")
    resource = django_filters.CharFilter(field_name="resource", label="Its whole id or name")
    actor = django_filters.CharFilter(field_name="actor")

    class Meta:
        model = Keep
        fields: list[str] = []
