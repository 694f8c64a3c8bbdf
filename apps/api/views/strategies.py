"""Ways to push, with their options; derived from what is registered."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.base import ApiView
from apps.api.serializers.offered import OfferedSerializer
from apps.deployments import strategies


class StrategySerializer(OfferedSerializer):
    pass


class Strategies(ApiView):
    """The ways to push that this console knows."""

    tag = "deployments"

    @extend_schema(operation_id="strategies_list", responses=StrategySerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response([StrategySerializer(strategy).data for strategy in strategies.all().values()])
