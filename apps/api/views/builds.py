"""Builds: what CI reported, and reporting one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.base import ApiViewSet
from apps.api.refusals import told
from apps.api.serializers.builds import BuildDetailSerializer, BuildInput, BuildSerializer
from apps.deployments import selectors as deployments
from apps.images.filters import BuildFilter
from apps.images.models import Build
from apps.images.selectors import builds, package_checks
from apps.images.services.builds import report_build

MOST = 20  # deployments that one build's answer names


class Builds(mixins.ListModelMixin, mixins.RetrieveModelMixin, ApiViewSet):
    """Builds as CI reported them, newest first, with their gates."""

    queryset = builds.builds()
    ordering = ("-id",)
    serializer_class = BuildSerializer
    detail_class = BuildDetailSerializer
    filterset_class = BuildFilter
    lookup_value_converter = "int"

    def get_serializer_class(self) -> type[BuildSerializer]:
        return BuildDetailSerializer if self.action == "retrieve" else BuildSerializer

    def paginate_queryset(self, queryset: Any) -> Any:
        """With what images each of a page is of."""
        return _told(super().paginate_queryset(queryset) or ())

    def get_object(self) -> Any:
        """With where it has gone since and its newest check, where it is shown by itself."""
        row = super().get_object()
        gone = builds.gone_to(row)
        pushed = deployments.deployments().filter(to_image__in=gone.image_ids)[:MOST]
        row.gone, row.pushed = gone, pushed
        row.checked = package_checks.latest(row.pk)
        return row

    @extend_schema(request=BuildInput, responses={200: BuildSerializer, 201: BuildSerializer})
    def create(self, request: Request) -> Response:
        """Reports a build, 201, or what is new of one that is known, 200. Of a gate the newest word stands."""
        given = BuildInput(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        with told():
            row, created = report_build(given.reported(), actor=self.acting_user.username)
        data = BuildSerializer(_told([builds.build(row.pk)])[0], context=self.get_serializer_context()).data
        code = status.HTTP_201_CREATED if created else status.HTTP_200_OK
        return Response(data, code, headers={"Location": data["url"]})


def _told(rows: Sequence[Build]) -> Sequence[Any]:
    """Tells each of what images it is, and where these are used; four queries for all."""
    gone = builds.gone_of(rows)
    found: Sequence[Any] = rows
    for row in found:
        row.gone = gone[row.pk]
    return found
