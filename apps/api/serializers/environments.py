"""Environments in JSON."""

from __future__ import annotations

from rest_framework import serializers

from apps.api.serializers.base import Flag, ReadSerializer, StrictSerializer, Text
from apps.api.serializers.links import Link
from apps.inventory.models import Environment, SyncState


class SyncSerializer(ReadSerializer[SyncState]):
    """How old the copies of one kind of resource are, in one region."""

    synced_at = serializers.DateTimeField(source="succeeded_at", allow_null=True)

    class Meta:
        model = SyncState
        fields = ["region", "kind", "synced_at", "error"]


class EnvironmentSerializer(ReadSerializer[Environment]):
    url = Link("environment-detail", name="name")
    regions = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Environment
        fields = ["url", "name", "account_id", "role_arn", "regions", "description", "production", "images_from"]


class EnvironmentDetailSerializer(EnvironmentSerializer):
    syncs = SyncSerializer(source="sync_states", many=True)

    class Meta(EnvironmentSerializer.Meta):
        fields = [*EnvironmentSerializer.Meta.fields, "syncs"]


class EnvironmentChange(StrictSerializer):
    """What can be set on an environment."""

    account_id = Text(required=False, help_text="12 digits.")
    role_arn = Text(required=False, allow_blank=True, help_text="The role to assume there; empty: our own credentials.")
    external_id = Text(required=False, allow_blank=True)
    regions = serializers.ListField(child=Text(), required=False, max_length=50)
    description = Text(required=False, allow_blank=True, max_length=2000)
    production = Flag(required=False)
    images_from = Text(
        required=False,
        allow_blank=True,
        max_length=64,
        help_text="The environment whose promotions alone bring images here; empty: any image may be pushed.",
    )
    reason = Text(required=False, allow_blank=True, max_length=1000)


class EnvironmentInput(EnvironmentChange):
    """An environment to be made."""

    name = Text(max_length=63)
    account_id = Text(help_text="12 digits.")
    regions = serializers.ListField(child=Text(), min_length=1, max_length=50)
