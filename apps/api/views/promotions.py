"""Promotions: letting another environment launch an AMI, following that, stopping it, taking it back."""

from __future__ import annotations

from functools import partial
from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import ids
from apps.api.base import ApiViewSet
from apps.api.refusals import told
from apps.api.serializers.asked import ResumeInput
from apps.api.serializers.promotions import (
    PromotionCancelInput,
    PromotionDetailSerializer,
    PromotionInput,
    PromotionPreviewSerializer,
    PromotionSerializer,
    RevocationInput,
    RevocationPreviewSerializer,
)
from apps.events.selectors import of_run
from apps.images import services
from apps.images.filters import PromotionFilter
from apps.images.models import Promotion
from apps.images.selectors.promotions import promotion, promotions
from apps.images.services import PromotionRequest

bounded = partial(ids.bounded, Promotion.DoesNotExist)
ANSWERED = PolymorphicProxySerializer(
    component_name="PromotionAnswered",
    serializers=[PromotionDetailSerializer, PromotionPreviewSerializer],
    resource_type_field_name=None,
)


class Promotions(mixins.ListModelMixin, ApiViewSet):
    """Promotions, newest first."""

    queryset = promotions()
    serializer_class = PromotionSerializer
    detail_class = PromotionDetailSerializer
    filterset_class = PromotionFilter
    lookup_value_converter = "int"

    @extend_schema(responses=PromotionDetailSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One promotion in full: how it stands, upon what it was decided, its steps. Poll it with If-None-Match."""
        return Response(self.shown(found(pk)))

    @extend_schema(request=PromotionInput, responses={202: PromotionDetailSerializer, 200: ANSWERED})
    def create(self, request: Request) -> Response:
        """Lets another environment launch an AMI and its copies. Answers 200 with the promotion that does or has done
        so already, where there is one; with `dry_run`, with what would be done.
        """
        given = self.read_body(PromotionInput)
        dry_run = given.pop("dry_run")
        asked = PromotionRequest(**given)
        with told():
            if dry_run:
                context = self.get_serializer_context()
                return Response(PromotionPreviewSerializer(services.preview_promotion(asked), context=context).data)
            made = services.promote(asked, actor=self.acting_user.username)
        return self.accepted(made)

    @extend_schema(
        request=RevocationInput, responses={202: PromotionDetailSerializer, 200: RevocationPreviewSerializer}
    )
    @action(methods=["post"], detail=True)
    def revoke(self, request: Request, pk: int) -> Response:
        """Takes a promotion back; refused while something in the target's account uses the AMI."""
        given = self.read_body(RevocationInput)
        with told():
            if given.pop("dry_run"):
                return Response(RevocationPreviewSerializer(services.preview_revocation(bounded(pk))).data)
            made = services.revoke(bounded(pk), actor=self.acting_user.username, **given)
        return self.accepted(made)

    @extend_schema(request=PromotionCancelInput, responses={202: PromotionDetailSerializer})
    @action(methods=["post"], detail=True)
    def cancel(self, request: Request, pk: int) -> Response:
        """Stops what goes on, and puts back what it did: of a promotion it grants nothing, of one that is being taken
        back it grants again.
        """
        given = self.read_body(PromotionCancelInput)
        with told():
            return self.accepted(services.cancel_promotion(bounded(pk), actor=self.acting_user.username, **given))

    @extend_schema(request=ResumeInput, responses={202: PromotionDetailSerializer})
    @action(methods=["post"], detail=True)
    def resume(self, request: Request, pk: int) -> Response:
        """Tries the step again of a promotion that needs a person."""
        given = self.read_body(ResumeInput)
        with told():
            return self.accepted(services.resume_promotion(bounded(pk), actor=self.acting_user.username, **given))

    def accepted(self, made: Promotion) -> Response:
        """202 with the promotion itself and where to follow it; 200 where another request's promotion answers."""
        row = promotion(made.pk)
        row.joined = made.joined
        data = self.shown(row)
        code = status.HTTP_200_OK if made.joined else status.HTTP_202_ACCEPTED
        return Response(data, code, headers={"Location": data["url"]})

    def shown(self, row: Promotion) -> dict[str, Any]:
        """A promotion in full."""
        context = {**self.get_serializer_context(), "events": of_run(row.now.pk)}
        return dict(PromotionDetailSerializer(row, context=context).data)


def found(pk: int) -> Promotion:
    """The promotion in full. Raises NotFound."""
    with told():
        return promotion(bounded(pk))
