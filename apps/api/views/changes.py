"""Changing one group by hand; what may be done is derived from the operations that are registered."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.base import FIELDS, ApiView
from apps.api.refusals import told
from apps.api.serializers.asked import ChangeInput
from apps.api.serializers.offered import GroupOperationSerializer, OfferedSerializer, Parts
from apps.api.views.deployments import ACCEPTED, Deployments, previewed
from apps.api.views.placed import Placed, missing
from apps.deployments import operations, services
from apps.deployments.operations import Operation
from apps.deployments.requests import ChangeRequest
from apps.inventory.models import Group
from apps.inventory.selectors import lists

CURRENT = "current"  # what is read from AWS, of what is told of an operation


class OperationSerializer(OfferedSerializer):
    pass


class Operations(ApiView):
    """What can be done to a group by hand."""

    tag = "groups"

    @extend_schema(operation_id="operations_list", responses=OperationSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response([OperationSerializer(each).data for each in operations.all().values()])


class GroupOperations(Placed):
    """What can be done to one group: all of it, always."""

    queryset = lists.groups()
    serializer_class = GroupOperationSerializer
    pagination_class = None
    filter_backends = ()

    def known_parameters(self) -> set[str]:
        return {*super().known_parameters(), *Parts().fields}

    def selectable(self) -> tuple[str, ...]:
        return tuple(GroupOperationSerializer().fields)

    @extend_schema(operation_id="groups_operations", parameters=[Parts], responses=GroupOperationSerializer(many=True))
    @action(methods=["get"], detail=True)
    def operations(self, request: Request, environment: str, region: str, name: str) -> Response:
        """Each operation, what is set now, and why it cannot be done now. AWS is read for `current` alone."""
        row: Group = self.get_object()
        known = operations.all().values()
        context = {"why_not": services.why_not_now(row), "current": self._current(row, known)}
        return Response(GroupOperationSerializer(known, many=True, context=context).data)

    def _current(self, row: Group, known: Collection[Operation]) -> Mapping[str, Mapping[str, str]]:
        """By operation; nothing of a group that is left alone, nor where `fields` leaves it out."""
        given = self.request.query_params.dict()
        fields = given.pop(FIELDS, CURRENT).split(",")
        parts = Parts(data=given)
        parts.is_valid(raise_exception=True)
        if row.cluster is None or CURRENT not in fields:
            return {}
        return services.current_of_each(row, known, parts.validated_data)


class GroupChanges(Deployments):
    """Operations on one group, each a deployment of kind `change`."""

    @extend_schema(operation_id="groups_change", request=ChangeInput, responses=ACCEPTED)
    @action(methods=["post"], detail=True)
    def change(self, request: Request, environment: str, region: str, name: str) -> Response:
        """Carries out an operation. With `dry_run`, answers 200 with what would be done instead."""
        if not lists.groups().filter(environment__name=environment, region=region, name=name).exists():
            raise missing(Group, environment, region, name)
        given = self.read_body(ChangeInput)
        dry_run = given.pop("dry_run")
        wanted = ChangeRequest(environment, region, name, **given)
        with told():
            if dry_run:
                return previewed(services.preview_change(wanted))
            return self.accepted(services.change(wanted, actor=self.acting_user.username))
