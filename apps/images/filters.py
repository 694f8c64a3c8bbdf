"""Filters on bakes and base images, the same for pages and API, with the columns by which they are sorted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import django_filters
from django.db.models import Exists, OuterRef, QuerySet

from apps.images.models import Bake, BakedImage, BaseImage
from apps.workflows.states import BY_WORD, NOT_ENDED, RunState


class BakeFilter(django_filters.FilterSet):
    """`state` finds as it does of deployments; `image` the bake that made an AMI."""

    SORTS: ClassVar[Mapping[str, str]] = {"id": "id"}

    application = django_filters.CharFilter(field_name="application__name")
    environment = django_filters.CharFilter(field_name="environment__name")
    region = django_filters.CharFilter(field_name="region", label="Region in which it is made")
    package = django_filters.CharFilter(field_name="package")
    version = django_filters.CharFilter(field_name="version")
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
