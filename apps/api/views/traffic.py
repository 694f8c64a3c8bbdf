"""Load balancers with their rules, and target groups with the health of their targets."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.serializers.live import TargetsSerializer
from apps.api.serializers.placed import LoadBalancerSerializer, TargetGroupSerializer
from apps.api.views.placed import Placed
from apps.inventory.filters import LoadBalancerFilter, TargetGroupFilter
from apps.inventory.selectors import lists
from apps.inventory.services.targets import targets_of


class LoadBalancers(Placed):
    """Load balancers with their listeners and rules."""

    queryset = lists.load_balancers()
    ordering = ("name", "id")
    serializer_class = LoadBalancerSerializer
    filterset_class = LoadBalancerFilter


class TargetGroups(Placed):
    """Target groups with their health checks."""

    queryset = lists.target_groups()
    ordering = ("name", "id")
    serializer_class = TargetGroupSerializer
    filterset_class = TargetGroupFilter

    @extend_schema(operation_id="target_groups_targets", responses=TargetsSerializer)
    @action(methods=["get"], detail=True)
    def targets(self, request: Request, environment: str, region: str, name: str) -> Response:
        """How each of its targets is, as AWS tells it now."""
        found = targets_of(self.get_object())
        return Response(TargetsSerializer(found, context=self.get_serializer_context()).data)
