"""Bakes: asking for an image, following it, stopping it."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import Http404
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import ids
from apps.api.base import ApiViewSet
from apps.api.refusals import told
from apps.api.serializers.asked import ResumeInput
from apps.api.serializers.bakes import (
    BakeCancelInput,
    BakeDetailSerializer,
    BakeInput,
    BakeLogSerializer,
    BakePreviewSerializer,
    BakeSerializer,
    ManifestSerializer,
)
from apps.events.selectors import of_run
from apps.images import selectors, services
from apps.images.filters import BakeFilter
from apps.images.models import Bake
from apps.images.selectors import detail
from apps.images.services import BakeRequest

bounded = partial(ids.bounded, Bake.DoesNotExist)
ANSWERED = PolymorphicProxySerializer(
    component_name="BakeAnswered",
    serializers=[BakeDetailSerializer, BakePreviewSerializer],
    resource_type_field_name=None,
)


class Bakes(mixins.ListModelMixin, ApiViewSet):
    """Bakes, newest first."""

    queryset = selectors.bakes()
    serializer_class = BakeSerializer
    detail_class = BakeDetailSerializer
    filterset_class = BakeFilter
    lookup_value_converter = "int"

    @extend_schema(responses=BakeDetailSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One bake in full: its state, its steps, what it waits for, its images and the end of its log. Poll it with
        If-None-Match.
        """
        return Response(self.shown(found(pk)))

    @extend_schema(request=BakeInput, responses={202: BakeDetailSerializer, 200: ANSWERED})
    def create(self, request: Request) -> Response:
        """Bakes an image. Answers 200 with the bake that makes or has made the same image, where there is one already;
        with `dry_run`, with what would be done.
        """
        given = self.read_body(BakeInput)
        dry_run = given.pop("dry_run")
        asked = BakeRequest(**given)
        with told():
            if dry_run:
                context = self.get_serializer_context()
                return Response(BakePreviewSerializer(services.preview_bake(asked), context=context).data)
            made = services.bake(asked, actor=self.acting_user.username)
        return self.accepted(made)

    @extend_schema(request=BakeCancelInput, responses={202: BakeDetailSerializer})
    @action(methods=["post"], detail=True)
    def cancel(self, request: Request, pk: int) -> Response:
        """Stops a bake that is under way; nothing is left of it."""
        given = self.read_body(BakeCancelInput)
        with told():
            return self.accepted(services.cancel_bake(bounded(pk), actor=self.acting_user.username, **given))

    @extend_schema(request=ResumeInput, responses={202: BakeDetailSerializer})
    @action(methods=["post"], detail=True)
    def resume(self, request: Request, pk: int) -> Response:
        """Tries the step again of a bake that needs a person."""
        given = self.read_body(ResumeInput)
        with told():
            return self.accepted(services.resume_bake(bounded(pk), actor=self.acting_user.username, **given))

    @extend_schema(responses=BakeLogSerializer)
    @action(methods=["get"], detail=True, pagination_class=None, filter_backends=[])
    def log(self, request: Request, pk: int) -> Response:
        """All that is kept of what the builder printed."""
        return Response(BakeLogSerializer(found(pk)).data)

    @extend_schema(responses=ManifestSerializer)
    @action(methods=["get"], detail=True, pagination_class=None, filter_backends=[])
    def manifest(self, request: Request, pk: int) -> Response:
        """What is inside of its images: packages with their versions, configuration files with their digests."""
        row = found(pk)
        if row.manifest is None:
            raise Http404("Nothing was recorded of what is inside its images.")
        return Response(ManifestSerializer(row.manifest).data)

    def accepted(self, made: Bake) -> Response:
        """202 with the bake itself and where to follow it; 200 where another request's bake answers."""
        row = detail.bake(made.pk)
        row.joined = made.joined
        data = self.shown(row)
        code = status.HTTP_200_OK if made.joined else status.HTTP_202_ACCEPTED
        return Response(data, code, headers={"Location": data["url"]})

    def shown(self, row: Bake) -> dict[str, Any]:
        """A bake in full."""
        context = {**self.get_serializer_context(), "events": of_run(row.run_id)}
        return dict(BakeDetailSerializer(row, context=context).data)


def found(pk: int) -> Bake:
    """The bake in full. Raises NotFound."""
    with told():
        return detail.bake(bounded(pk))
