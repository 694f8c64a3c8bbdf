"""Environments: the accounts the console works in."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Role
from apps.api.base import ApiViewSet
from apps.api.conditional import unchanged
from apps.api.serializers.environments import (
    EnvironmentChange,
    EnvironmentDetailSerializer,
    EnvironmentInput,
    EnvironmentSerializer,
)
from apps.inventory import services
from apps.inventory.models import Environment


class Environments(mixins.ListModelMixin, mixins.RetrieveModelMixin, ApiViewSet):
    """AWS accounts with their regions. Each says how old the copies of its resources are."""

    required_role = Role.ADMINISTRATOR
    queryset = Environment.objects.all()
    ordering = ("name",)
    lookup_field = "name"
    change_class = EnvironmentChange

    def get_serializer_class(self) -> type[EnvironmentSerializer]:
        return EnvironmentSerializer if self.action == "list" else EnvironmentDetailSerializer

    def get_queryset(self) -> QuerySet[Environment]:
        rows: QuerySet[Environment] = super().get_queryset()
        return rows if self.action == "list" else rows.prefetch_related("sync_states")

    @extend_schema(request=EnvironmentInput, responses={201: EnvironmentDetailSerializer})
    def create(self, request: Request) -> Response:
        """Adds an environment. AWS is first asked by the next sync."""
        given = self.read_body(EnvironmentInput)
        data = self._shown(services.create_environment(actor=self.acting_user.username, **given))
        return Response(data, status.HTTP_201_CREATED, headers={"Location": data["url"]})

    @extend_schema(request=EnvironmentChange, responses=EnvironmentDetailSerializer)
    def partial_update(self, request: Request, name: str) -> Response:
        """Changes the given fields."""
        given = self.read_body(EnvironmentChange)
        try:
            rows = Environment.objects.filter(name=name)
            with unchanged(request, rows, lambda: self.digest_of(self._shown(self.get_object()))):
                row = services.update_environment(name, actor=self.acting_user.username, **given)
        except Environment.DoesNotExist as error:
            raise Http404(f"There is no environment {name}.") from error
        return Response(self._shown(row))

    def _shown(self, row: Environment) -> dict[str, Any]:
        return dict(self.get_serializer(row).data)
