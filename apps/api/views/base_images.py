"""Base images: the AMIs that may be baked upon."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Role
from apps.api.base import ApiViewSet
from apps.api.ids import bounded
from apps.api.refusals import told
from apps.api.serializers.recipes import BaseImageInput, BaseImageSerializer, WithdrawInput
from apps.images import selectors, services
from apps.images.filters import BaseImageFilter
from apps.images.models import BaseImage


class BaseImages(mixins.ListModelMixin, mixins.RetrieveModelMixin, ApiViewSet):
    """Base images, those approved last first, those that were withdrawn included."""

    required_role = Role.ADMINISTRATOR
    queryset = selectors.base_images()
    serializer_class = BaseImageSerializer
    filterset_class = BaseImageFilter
    lookup_value_converter = "int"

    @extend_schema(request=BaseImageInput, responses={201: BaseImageSerializer})
    def create(self, request: Request) -> Response:
        """Approves an AMI under a name: the latest one from then on."""
        given = self.read_body(BaseImageInput)
        with told():
            row = services.approve_base(actor=self.acting_user.username, **given)
        data = self.get_serializer(row).data
        return Response(data, status.HTTP_201_CREATED, headers={"Location": data["url"]})

    @extend_schema(request=WithdrawInput, responses=BaseImageSerializer)
    @action(methods=["post"], detail=True)
    def withdraw(self, request: Request, pk: int) -> Response:
        """Has nothing baked upon it any more; what was baked stands."""
        given = self.read_body(WithdrawInput)
        with told():
            row = services.withdraw_base(bounded(BaseImage.DoesNotExist, pk), actor=self.acting_user.username, **given)
        return Response(self.get_serializer(row).data)
