"""Events in JSON."""

from __future__ import annotations

from rest_framework import serializers

from apps.api.serializers.base import ReadSerializer
from apps.events.models import Event


class EventSerializer(ReadSerializer[Event]):
    at = serializers.DateTimeField(help_text="When it happened; of what a step did, when that had ended.")
    began_at = serializers.DateTimeField(
        allow_null=True, help_text="Of what a step did, when that began; null for what took no time."
    )
    before = serializers.DictField(allow_null=True)
    after = serializers.DictField(allow_null=True)

    class Meta:
        model = Event
        fields = [
            "id",
            "at",
            "began_at",
            "kind",
            "actor",
            "subject",
            "summary",
            "reason",
            "before",
            "after",
            "run",
            "environment",
            "region",
            "cluster",
        ]
