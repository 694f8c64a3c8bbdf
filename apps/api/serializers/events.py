"""Events in JSON."""

from __future__ import annotations

from rest_framework import serializers

from apps.api.serializers.base import ReadSerializer
from apps.events.models import Event


class EventSerializer(ReadSerializer[Event]):
    before = serializers.DictField(allow_null=True)
    after = serializers.DictField(allow_null=True)

    class Meta:
        model = Event
        fields = [
            "id",
            "at",
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
