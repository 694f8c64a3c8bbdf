"""Freezes in JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.api.serializers.base import ReadSerializer, StrictSerializer, Text
from apps.api.serializers.links import Link
from apps.deployments import freezes, zones
from apps.deployments.filters import FreezeFilter
from apps.deployments.models import Freeze


class FreezeSerializer(ReadSerializer[Freeze]):
    """A time in which pushes are refused. Empty `environment`, `application` and `cluster` mean all."""

    url = Link("freeze-detail", pk="pk")
    state = serializers.SerializerMethodField()
    sentence = serializers.SerializerMethodField(help_text="What, until when, by whom and why, as refusals say it.")
    starts_at_local = serializers.SerializerMethodField(help_text="In its own time zone.")
    ends_at_local = serializers.SerializerMethodField(help_text="In its own time zone.")

    class Meta:
        model = Freeze
        fields = [
            "url",
            "id",
            "state",
            "sentence",
            "environment",
            "application",
            "cluster",
            "starts_at",
            "ends_at",
            "zone",
            "starts_at_local",
            "ends_at_local",
            "actor",
            "reason",
            "created_at",
            "ended_at",
            "ended_by",
            "end_reason",
        ]

    @extend_schema_field({"type": "string", "enum": list(FreezeFilter.STATES)})
    def get_state(self, row: Freeze) -> str:
        return freezes.state(row, timezone.now())

    def get_sentence(self, row: Freeze) -> str:
        return freezes.sentence(row)

    @extend_schema_field(OpenApiTypes.DATETIME)
    def get_starts_at_local(self, row: Freeze) -> str:
        return row.starts_at.astimezone(zones.zone(row.zone)).isoformat()

    @extend_schema_field(OpenApiTypes.DATETIME)
    def get_ends_at_local(self, row: Freeze) -> str:
        return row.ends_at.astimezone(zones.zone(row.zone)).isoformat()


@extend_schema_field({"type": "string", "example": "2026-12-24T18:00"})
class Moment(serializers.Field[datetime, Any, Any, Any]):
    """A date and time; without an offset it is meant in the zone that is named beside it."""

    default_error_messages = {
        "no_moment": "Write it as 2026-12-24T18:00 (meant in `zone`), or with an offset, as 2026-12-24T18:00Z."
    }

    def to_internal_value(self, data: Any) -> datetime:
        try:
            return datetime.fromisoformat(data)
        except (TypeError, ValueError):
            self.fail("no_moment")


class FreezeInput(StrictSerializer):
    """A freeze to be made. What is left out of `environment`, `application` and `cluster` means all."""

    environment = Text(max_length=64, allow_blank=True, default="")
    application = Text(max_length=255, allow_blank=True, default="")
    cluster = Text(max_length=255, allow_blank=True, default="")
    starts_at = Moment(required=False, allow_null=True, default=None, help_text="Left out: now.")
    ends_at = Moment(help_text="Without an offset it is meant in `zone`.")
    zone = Text(max_length=64, default="UTC", help_text="As the IANA database names it: `Europe/Berlin`.")
    reason = Text(max_length=1000, help_text="Everybody who is refused reads it.")


class FreezeEndInput(StrictSerializer):
    """Ends a freeze before its time."""

    reason = Text(max_length=1000)
