"""Webhooks in JSON; a secret is in the answer that made it and nowhere else."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from rest_framework import serializers

from apps.api.serializers.base import ReadSerializer, StrictSerializer, Text
from apps.api.serializers.links import Link
from apps.images.models import Webhook
from apps.images.webhooks.base import all_formats


class FormatSlug(Text):
    """The slug of a webhook's format."""


class FormatSlugSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]  # its metaclass hook is untyped
    """Derived from the formats that are registered."""

    target_class = FormatSlug

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        return {"type": "string", "enum": list(all_formats())}


class WebhookSerializer(ReadSerializer[Webhook]):
    """Where a build server tells of an application's builds."""

    url = Link("webhook-detail", pk="pk")
    receives_at = Link("hook", pk="pk")
    application = serializers.CharField(source="application.name")

    class Meta:
        model = Webhook
        fields = [
            "url",
            "id",
            "receives_at",
            "application",
            "format",
            "created_by",
            "created_at",
            "last_used_at",
            "revoked_at",
        ]


class NewWebhookSerializer(WebhookSerializer):
    """A webhook just made."""

    secret = serializers.CharField(
        allow_null=True, help_text="Shown this once; null when the answer is replayed for a repeated Idempotency-Key."
    )

    class Meta(WebhookSerializer.Meta):
        fields = [*WebhookSerializer.Meta.fields, "secret"]


class WebhookInput(StrictSerializer):
    """A webhook to be made."""

    application = Text(max_length=255)
    format = FormatSlug(max_length=32)
