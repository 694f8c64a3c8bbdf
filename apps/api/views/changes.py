"""Changing one group by hand; what may be done is derived from the operations that are registered."""

from __future__ import annotations

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.base import ApiView
from apps.api.refusals import told
from apps.api.serializers.asked import ChangeInput
from apps.api.serializers.offered import OfferedSerializer
from apps.api.views.deployments import ACCEPTED, Deployments, previewed
from apps.deployments import operations, services
from apps.deployments.requests import ChangeRequest
from apps.inventory.selectors import lists


class OperationSerializer(OfferedSerializer):
    pass


class Operations(ApiView):
    """What can be done to a group by hand."""

    tag = "groups"

    @extend_schema(operation_id="operations_list", responses=OperationSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response([OperationSerializer(each).data for each in operations.all().values()])


class GroupChanges(Deployments):
    """Operations on one group, each a deployment of kind `change`."""

    @extend_schema(operation_id="groups_change", request=ChangeInput, responses=ACCEPTED)
    @action(methods=["post"], detail=True)
    def change(self, request: Request, environment: str, region: str, name: str) -> Response:
        """Carries out an operation. With `dry_run`, answers 200 with what would be done instead."""
        if not lists.groups().filter(environment__name=environment, region=region, name=name).exists():
            raise Http404
        given = self.read_body(ChangeInput)
        dry_run = given.pop("dry_run")
        wanted = ChangeRequest(environment, region, name, **given)
        with told():
            if dry_run:
                return previewed(services.preview_change(wanted))
            return self.accepted(services.change(wanted, actor=self.acting_user.username))
