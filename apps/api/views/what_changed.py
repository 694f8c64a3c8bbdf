"""What changed: deployments, and what else people changed, in one order of time."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.base import ApiViewSet
from apps.api.serializers.changes import ChangeSerializer
from apps.deployments import selectors
from apps.deployments.changes import ORDER, ChangeFilter, changes, timeline


class Changes(mixins.ListModelMixin, ApiViewSet):
    """What people changed, newest first: what goes on, then by when it ended or happened."""

    queryset = selectors.deployments()
    ordering = ORDER
    serializer_class = ChangeSerializer
    filterset_class = ChangeFilter

    @extend_schema(operation_id="changes_list")
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Deployments, bakes, promotions, recipes, base images, freezes and the like: who did what, how it went, and
        what was changed from what to what. The filters are those of the page; of no hours, all is found.
        """
        found = ChangeFilter(request.query_params, queryset=self.get_queryset(), request=request)
        if not found.is_valid():
            raise ValidationError({name: list(map(str, texts)) for name, texts in found.errors.items()})
        both: Any = timeline(found.qs, found.events)  # as much of a queryset as a pager asks for
        page = self.paginate_queryset(both)
        return self.get_paginated_response(self.get_serializer(changes(page or ()), many=True).data)
