"""What lies in one environment and region, found there by its name or id."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Model, Prefetch, QuerySet
from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.base import ApiViewSet
from apps.api.refusals import told
from apps.api.serializers.group_details import LiveGroupSerializer
from apps.api.serializers.groups import GroupDetailSerializer, GroupSerializer
from apps.api.serializers.placed import InstanceSerializer
from apps.inventory import services
from apps.inventory.filters import GroupFilter, InstanceFilter
from apps.inventory.models import Group, Instance
from apps.inventory.selectors import lists
from apps.inventory.services.details import group_details


def missing(model: type[Model], environment: str, region: str, name: str) -> NotFound:
    """The problem that there is no such thing in an environment and region, named."""
    noun = model._meta.verbose_name  # noqa: SLF001 -- documented _meta
    return NotFound(f"There is no {noun} {name} in {environment} {region}.")


class Placed(mixins.ListModelMixin, mixins.RetrieveModelMixin, ApiViewSet):
    """A list, and one of it by environment, region and `key`."""

    key = "name"

    def get_object(self) -> Any:
        environment, region, name = (self.kwargs[each] for each in ("environment", "region", "name"))
        found = self.get_queryset().filter(environment__name=environment, region=region, **{self.key: name}).first()
        if found is None:
            raise missing(self.get_queryset().model, environment, region, name)
        return found


class Groups(Placed):
    """Auto Scaling groups, those whose names do not follow the grammar included."""

    queryset = lists.groups()
    ordering = ("name", "environment__name", "region", "id")
    filterset_class = GroupFilter

    def get_serializer_class(self) -> type[GroupSerializer]:
        return GroupSerializer if self.action == "list" else GroupDetailSerializer

    def get_queryset(self) -> QuerySet[Group]:
        rows: QuerySet[Group] = super().get_queryset()
        return rows if self.action == "list" else rows.prefetch_related(Prefetch("instances", lists.instances()))

    @extend_schema(operation_id="groups_details", responses=LiveGroupSerializer)
    @action(methods=["get"], detail=True)
    def details(self, request: Request, environment: str, region: str, name: str) -> Response:
        """Policies, alarms, schedules, hooks, activities and launch template, as AWS has them now."""
        row = lists.groups().filter(environment__name=environment, region=region, name=name).first()
        if row is None:
            raise missing(Group, environment, region, name)
        with told():
            return Response(LiveGroupSerializer(group_details(row)).data)


class Instances(Placed):
    """EC2 instances of the groups."""

    queryset = lists.instances()
    ordering = ("instance_id", "id")
    key = "instance_id"
    serializer_class = InstanceSerializer
    filterset_class = InstanceFilter

    def get_queryset(self) -> QuerySet[Instance]:
        """One by its id may be gone for some days: it stands in logs for longer than it runs."""
        rows: QuerySet[Instance] = super().get_queryset()
        return lists.instances_lately() if self.action == "retrieve" else rows


class InsideSerializer(serializers.Serializer[object]):
    """What an instance printed, or was started with; that it was read is recorded."""

    instance_id = serializers.CharField()
    text = serializers.CharField(allow_blank=True, help_text="It may hold secrets, and is not stored.")


class Inside(Instances):
    """Looking into an instance: for operators, each look recorded."""

    secret_fields = ("text",)

    @extend_schema(operation_id="instances_console_output", request=None, responses=InsideSerializer)
    @action(methods=["post"], detail=True)
    def console_output(self, request: Request, environment: str, region: str, name: str) -> Response:
        """The last 64 KB that it printed; empty until AWS has any."""
        return self._read(services.console_output)

    @extend_schema(operation_id="instances_user_data", request=None, responses=InsideSerializer)
    @action(methods=["post"], detail=True)
    def user_data(self, request: Request, environment: str, region: str, name: str) -> Response:
        """What it was started with; empty when with nothing."""
        return self._read(services.user_data)

    def _read(self, read: Callable[..., str]) -> Response:
        row: Instance = self.get_object()
        with told():
            text = read(row, actor=self.acting_user.username)
        return Response({"instance_id": row.instance_id, "text": text})


def routes(prefix: str, noun: str, view: type[Placed]) -> list[URLPattern]:
    """The list's URL and one thing's. Names may hold dots; groups' may hold slashes too, as AWS allows."""
    converter = "path" if noun == "group" else "str"
    one = f"{prefix}/<str:environment>/<str:region>/<{converter}:name>/"
    return [
        path(f"{prefix}/", view.as_view({"get": "list"}), name=f"{noun}-list"),
        path(one, view.as_view({"get": "retrieve"}), name=f"{noun}-detail"),
    ]
