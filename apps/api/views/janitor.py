"""The janitor: marks, rules, dry runs, and what people keep from it."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Role
from apps.api.base import ApiView, ApiViewSet
from apps.api.conditional import unchanged
from apps.api.refusals import told
from apps.api.serializers.janitor import (
    DryRunSerializer,
    KeepInput,
    KeepSerializer,
    MarkSerializer,
    RulesChange,
    RulesSerializer,
)
from apps.images import services
from apps.images.filters import KeepFilter, MarkFilter
from apps.images.models import JanitorRules
from apps.images.selectors import janitor
from apps.inventory.models import Environment


class Marks(mixins.ListModelMixin, mixins.RetrieveModelMixin, ApiViewSet):
    """What the janitor has marked, and what became of it, newest first."""

    tag = "janitor"
    queryset = janitor.marks()
    ordering = ("-id",)
    serializer_class = MarkSerializer
    filterset_class = MarkFilter
    lookup_value_converter = "int"


class Keeps(mixins.ListModelMixin, mixins.RetrieveModelMixin, ApiViewSet):
    """What people keep from the janitor, newest first."""

    tag = "janitor"
    queryset = janitor.keeps()
    ordering = ("-id",)
    serializer_class = KeepSerializer
    filterset_class = KeepFilter
    lookup_value_converter = "int"

    @extend_schema(request=KeepInput, responses={201: KeepSerializer})
    def create(self, request: Request) -> Response:
        """Keeps a resource, and takes its mark away; what is kept already is answered as it is."""
        given = self.read_body(KeepInput)
        with told():
            row = services.keep(actor=self.acting_user.username, **given)
        data = self.get_serializer(row).data
        return Response(data, status.HTTP_201_CREATED, headers={"Location": data["url"]})

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, **kwargs: Any) -> Response:
        """The janitor may mark it again."""
        services.end_keep(self.get_object().pk, actor=self.acting_user.username)
        return Response(status=status.HTTP_204_NO_CONTENT)


class Rules(ApiViewSet):
    """What an environment's janitor keeps to. Until `active` is set, it only shows what it would do."""

    tag = "janitor"
    required_role = Role.ADMINISTRATOR
    serializer_class = RulesSerializer
    change_class = RulesChange
    queryset: QuerySet[JanitorRules] = JanitorRules.objects.none()

    @extend_schema(operation_id="janitor_rules", responses=RulesSerializer)
    def retrieve(self, request: Request, name: str) -> Response:
        """The rules of an environment; the defaults, where nobody has said anything."""
        return Response(self._shown(get_object_or_404(Environment, name=name)))

    @extend_schema(operation_id="janitor_rules_change", request=RulesChange, responses=RulesSerializer)
    def partial_update(self, request: Request, name: str) -> Response:
        """Changes the given rules; what is left out stays."""
        environment = get_object_or_404(Environment, name=name)
        given = self.read_body(RulesChange)
        rows = Environment.objects.filter(pk=environment.pk)
        with told(), unchanged(request, rows, lambda: self.digest_of(self._shown(environment))):
            services.set_rules(environment, actor=self.acting_user.username, **given)
        return Response(self._shown(environment))

    def _shown(self, environment: Environment) -> dict[str, Any]:
        return dict(self.get_serializer(janitor.rules_of(environment)).data)


class DryRun(ApiView):
    """What a round would find now."""

    tag = "janitor"

    @extend_schema(operation_id="janitor_dry_run", responses=DryRunSerializer)
    def get(self, request: Request, name: str) -> Response:
        """Everything that the janitor looks at in an environment: what may go and why, what stays and why."""
        environment = get_object_or_404(Environment, name=name)
        found = {
            "environment": name,
            "active": janitor.rules_of(environment).active,
            "held": janitor.held_back(environment),
            "things": janitor.dry_run(environment),
        }
        return Response(DryRunSerializer(found).data)
