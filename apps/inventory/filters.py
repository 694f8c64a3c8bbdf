"""One filter set a list, for the page and the API alike, with the columns by which the list is sorted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import django_filters
from django.db.models import Exists, F, Func, IntegerField, OuterRef, Q, QuerySet

from apps.inventory.models import (
    Application,
    Cluster,
    Group,
    Image,
    Instance,
    LaunchTemplate,
    LoadBalancer,
    TargetGroup,
)

Sorts = Mapping[str, str | tuple[str, ...]]  # a column by its name in the URL: its field, or several in their order
WHERE = ("environment__name", "region")


class _Filters(django_filters.FilterSet):
    """What every list of the cloud's things can be filtered by."""

    SORTS: ClassVar[Sorts] = {"name": ("name", *WHERE), "environment": (*WHERE, "name")}

    environment = django_filters.CharFilter(field_name="environment__name", label="Environment, by name")
    region = django_filters.CharFilter(field_name="region", label="Region")


class ApplicationFilter(django_filters.FilterSet):
    """`discovered` applications were found by a well-named group and claimed by nobody yet."""

    SORTS: ClassVar[Sorts] = {"name": "name", "owner": "owner"}

    q = django_filters.CharFilter(method="search", label="Part of the name, owner or description")
    owner = django_filters.CharFilter(field_name="owner", lookup_expr="iexact", label="Owner")
    discovered = django_filters.BooleanFilter(field_name="discovered", label="Claimed by nobody yet")

    class Meta:
        model = Application
        fields: list[str] = []

    def search(self, rows: QuerySet[Application], name: str, value: str) -> QuerySet[Application]:
        return rows.filter(Q(name__icontains=value) | Q(owner__icontains=value) | Q(description__icontains=value))


class ClusterFilter(_Filters):
    """Clusters without groups are left out unless `empty` is asked for; `image` finds who runs an AMI.

    By health, those that serve nothing come first, then those that lack instances. Versions are compared as text.
    """

    SORTS: ClassVar[Sorts] = {
        **_Filters.SORTS,
        "region": ("region", "environment__name", "name"),
        "version": ("version", "name", *WHERE),
        "health": ("health", "name", *WHERE),
    }

    application = django_filters.CharFilter(field_name="application__name", label="Application, by name")
    name = django_filters.CharFilter(field_name="name", label="Whole name")
    stack = django_filters.CharFilter(field_name="stack", label="Stack")
    detail = django_filters.CharFilter(field_name="detail", label="Detail")
    image = django_filters.CharFilter(method="running", label="Id of an AMI that one of its groups launches")
    q = django_filters.CharFilter(field_name="name", lookup_expr="icontains", label="Part of the name")
    empty = django_filters.BooleanFilter(method="emptiness", label="Without groups")

    class Meta:
        model = Cluster
        fields: list[str] = []

    def running(self, rows: QuerySet[Cluster], name: str, value: str) -> QuerySet[Cluster]:
        return rows.filter(Exists(_groups().filter(image_id=value)))

    def emptiness(self, rows: QuerySet[Cluster], name: str, value: bool) -> QuerySet[Cluster]:
        return rows.filter(~Exists(_groups()) if value else Exists(_groups()))

    def filter_queryset(self, queryset: QuerySet[Cluster]) -> QuerySet[Cluster]:
        rows: QuerySet[Cluster] = super().filter_queryset(queryset)
        asked = self.form.cleaned_data.get("empty") is not None
        return rows if asked else rows.filter(Exists(_groups()))


class GroupFilter(_Filters):
    """`managed=false` finds the groups whose names do not follow the grammar."""

    SORTS: ClassVar[Sorts] = {
        **_Filters.SORTS,
        "created": "created_at",
        "in-service": ("in_service_count", "name"),
        "size": ("desired", "name"),
    }

    application = django_filters.CharFilter(field_name="cluster__application__name", label="Application, by name")
    cluster = django_filters.CharFilter(field_name="cluster__name", label="Cluster, by name")
    image = django_filters.CharFilter(field_name="image_id", label="Id of the AMI it launches")
    launch_template = django_filters.CharFilter(field_name="launch_template_id", label="Id of its launch template")
    managed = django_filters.BooleanFilter(
        field_name="cluster", lookup_expr="isnull", exclude=True, label="Its name follows the grammar"
    )
    q = django_filters.CharFilter(field_name="name", lookup_expr="icontains", label="Part of the name")

    class Meta:
        model = Group
        fields: list[str] = []


class InstanceFilter(_Filters):
    """`q` finds an instance by a part of its id, of its address, or of its group's name."""

    SORTS: ClassVar[Sorts] = {"id": "instance_id", "environment": "environment__name"}

    application = django_filters.CharFilter(
        field_name="group__cluster__application__name", label="Application, by name"
    )
    cluster = django_filters.CharFilter(field_name="group__cluster__name", label="Cluster, by name")
    group = django_filters.CharFilter(field_name="group__name", label="Group, by name")
    image = django_filters.CharFilter(field_name="image_id", label="Id of the AMI it runs")
    state = django_filters.CharFilter(field_name="state", label="EC2's state, as running")
    lifecycle_state = django_filters.CharFilter(field_name="lifecycle_state", label="Its group's, as InService")
    health_status = django_filters.CharFilter(field_name="health_status", label="Its group's, Healthy or Unhealthy")
    zone = django_filters.CharFilter(field_name="zone", label="Availability Zone")
    q = django_filters.CharFilter(method="search", label="Part of its id, address or group")

    class Meta:
        model = Instance
        fields: list[str] = []

    def search(self, rows: QuerySet[Instance], name: str, value: str) -> QuerySet[Instance]:
        return rows.filter(
            Q(instance_id__icontains=value) | Q(private_ip__startswith=value) | Q(group__name__icontains=value)
        )


class ImageFilter(_Filters):
    """`application`, `version`, `commit` and `build` are what the AMI's tags say of it."""

    SORTS: ClassVar[Sorts] = {
        "created": "created_at",
        "application": "application",
        "version": "version",
        "commit": "commit",
        "build": "build",
        "image": "image_id",
        "state": "state",
    }

    application = django_filters.CharFilter(field_name="application", label="Application, by name")
    version = django_filters.CharFilter(field_name="version", label="Version")
    commit = django_filters.CharFilter(
        field_name="commit", lookup_expr="startswith", label="First digits of the commit"
    )
    build = django_filters.CharFilter(field_name="build", label="Build")
    state = django_filters.CharFilter(field_name="state", label="EC2's state, as available")
    architecture = django_filters.CharFilter(field_name="architecture", label="Architecture, as x86_64")
    owner = django_filters.CharFilter(field_name="owner", label="Account that owns it")
    q = django_filters.CharFilter(method="search", label="Part of its id, name or version")

    class Meta:
        model = Image
        fields: list[str] = []

    def search(self, rows: QuerySet[Image], name: str, value: str) -> QuerySet[Image]:
        return rows.filter(Q(image_id__icontains=value) | Q(name__icontains=value) | Q(version__icontains=value))


class LoadBalancerFilter(_Filters):
    """By their number of listeners, those come first that have none, or whose were not read yet."""

    SORTS: ClassVar[Sorts] = {
        **_Filters.SORTS,
        "state": ("state", "name"),
        "listeners": ("listener_count", "name"),
        "dns": "dns_name",
    }

    q = django_filters.CharFilter(method="search", label="Part of its name or DNS name")

    class Meta:
        model = LoadBalancer
        fields: list[str] = []

    def search(self, rows: QuerySet[LoadBalancer], name: str, value: str) -> QuerySet[LoadBalancer]:
        return rows.filter(Q(name__icontains=value) | Q(dns_name__icontains=value))

    def filter_queryset(self, queryset: QuerySet[LoadBalancer]) -> QuerySet[LoadBalancer]:
        count = Func(F("listeners"), function="jsonb_array_length", output_field=IntegerField())
        rows: QuerySet[LoadBalancer] = super().filter_queryset(queryset.annotate(listener_count=count))
        return rows


class TargetGroupFilter(_Filters):
    q = django_filters.CharFilter(field_name="name", lookup_expr="icontains", label="Part of its name")

    class Meta:
        model = TargetGroup
        fields: list[str] = []


class LaunchTemplateFilter(_Filters):
    SORTS: ClassVar[Sorts] = {
        **_Filters.SORTS,
        "created": "created_at",
        "id": "template_id",
        "latest": "latest_version",
        "default": "default_version",
    }

    q = django_filters.CharFilter(method="search", label="Part of its name or id")

    class Meta:
        model = LaunchTemplate
        fields: list[str] = []

    def search(self, rows: QuerySet[LaunchTemplate], name: str, value: str) -> QuerySet[LaunchTemplate]:
        return rows.filter(Q(name__icontains=value) | Q(template_id__icontains=value))


def _groups() -> QuerySet[Group]:
    return Group.objects.filter(cluster=OuterRef("pk"), gone_at__isnull=True)
