"""Webhooks: making and revoking them, for administrators; and where build servers deliver, for whoever can sign."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, status
from rest_framework.exceptions import AuthenticationFailed, NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Role
from apps.api.base import ApiView, ApiViewSet
from apps.api.refusals import told
from apps.api.serializers.builds import PAYLOAD, ReceivedSerializer
from apps.api.serializers.webhooks import NewWebhookSerializer, WebhookInput, WebhookSerializer
from apps.images.models import Webhook
from apps.images.selectors import builds
from apps.images.services import webhooks as services
from apps.images.webhooks.base import SIGNATURE

NOT_SIGNED = f"The delivery is not signed with this webhook's secret: {SIGNATURE} is missing or wrong."


class Webhooks(mixins.ListModelMixin, mixins.RetrieveModelMixin, ApiViewSet):
    """Webhooks by which build servers report builds, newest first."""

    tag = "builds"
    required_role = reading_role = Role.ADMINISTRATOR
    queryset = builds.webhooks()
    serializer_class = WebhookSerializer
    lookup_value_converter = "int"
    secret_fields = ("secret",)

    @extend_schema(request=WebhookInput, responses={201: NewWebhookSerializer})
    def create(self, request: Request) -> Response:
        """Makes a webhook. Its secret is in this answer and nowhere else."""
        given = self.read_body(WebhookInput)
        with told():
            row, secret = services.create_webhook(
                given["application"], given["format"], actor=self.acting_user.username
            )
        data = {**self.get_serializer(row).data, "secret": secret}
        return Response(data, status.HTTP_201_CREATED, headers={"Location": data["url"]})

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, **kwargs: Any) -> Response:
        """Revokes a webhook at once: what is delivered to it is 404."""
        services.revoke_webhook(self.get_object().pk, actor=self.acting_user.username)
        return Response(status=status.HTTP_204_NO_CONTENT)


class Hook(ApiView):
    """Where a build server delivers: no session, no token; the signature opens it."""

    tag = "builds"
    authentication_classes = []
    permission_classes = []
    only_reads = True  # nobody's key is remembered here: what is delivered twice changes nothing the second time

    def get_authenticate_header(self, request: Request) -> str:
        return f'Signature realm="hooks", header="{SIGNATURE}"'

    @extend_schema(
        operation_id="hooks_deliver",
        request=PAYLOAD,
        responses=ReceivedSerializer,
        parameters=[
            OpenApiParameter(SIGNATURE, str, OpenApiParameter.HEADER, description="`sha256=` and the body's HMAC.")
        ],
    )
    def post(self, request: Request, pk: int) -> Response:
        """Takes in what a build server tells, signed with the webhook's secret. Delivered again, it changes nothing."""
        try:
            # the bytes as they came: the signature is of them
            hook = services.verified(pk, request.headers, request._request.body)  # noqa: SLF001
        except Webhook.DoesNotExist as error:
            raise NotFound("There is no such webhook, or it was revoked.") from error
        except services.NotSigned as error:
            raise AuthenticationFailed(NOT_SIGNED) from error
        with told():
            received = services.take_in(hook, request.headers, request.data)
        return Response(ReceivedSerializer(received, context={"request": request}).data, HTTPStatus.OK)
