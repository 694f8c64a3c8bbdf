"""Who am I, as the API sees me."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.base import ApiView
from apps.api.serializers.accounts import MeSerializer


class Me(ApiView):
    """The user this request acts for."""

    tag = "accounts"

    @extend_schema(operation_id="me", responses=MeSerializer)
    def get(self, request: Request) -> Response:
        return Response(MeSerializer(self.acting_user).data)
