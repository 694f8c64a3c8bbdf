"""Freezes: times in which nothing is changed but to go back."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.base import ApiViewSet
from apps.api.refusals import told
from apps.api.serializers.freezes import FreezeEndInput, FreezeInput, FreezeSerializer
from apps.deployments import freezes, services
from apps.deployments.filters import FreezeFilter


class Freezes(mixins.ListModelMixin, mixins.RetrieveModelMixin, ApiViewSet):
    """Freezes of environments, applications and clusters, those that begin last first."""

    queryset = freezes.freezes()
    ordering = ("-starts_at", "-id")
    serializer_class = FreezeSerializer
    filterset_class = FreezeFilter
    lookup_value_converter = "int"

    @extend_schema(request=FreezeInput, responses={201: FreezeSerializer})
    def create(self, request: Request) -> Response:
        """Makes a freeze. Pushes that it concerns are refused while it is on; going back never is."""
        given = self.read_body(FreezeInput)
        with told():
            row = services.create_freeze(services.FreezeRequest(**given), actor=self.acting_user.username)
        data = self.get_serializer(row).data
        return Response(data, status.HTTP_201_CREATED, headers={"Location": data["url"]})

    @extend_schema(request=FreezeEndInput, responses=FreezeSerializer)
    @action(methods=["post"], detail=True)
    def end(self, request: Request, pk: int) -> Response:
        """Ends a freeze before its time, or calls off one that has not begun."""
        given = self.read_body(FreezeEndInput)
        with told():
            row = services.end_freeze(pk, actor=self.acting_user.username, **given)
        return Response(self.get_serializer(row).data)
