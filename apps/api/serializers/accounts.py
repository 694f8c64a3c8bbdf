"""Users and tokens in JSON."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from rest_framework import serializers

from apps.accounts.models import Role, Token, User
from apps.api.serializers.base import ReadSerializer, StrictSerializer, Text


class MeSerializer(ReadSerializer[User]):
    role = serializers.ChoiceField(Role.choices)

    class Meta:
        model = User
        fields = ["username", "role"]


class TokenSerializer(ReadSerializer[Token]):
    user = serializers.CharField(source="user.username")

    class Meta:
        model = Token
        fields = ["id", "name", "user", "created_at", "expires_at", "last_used_at", "revoked_at"]


class NewTokenSerializer(TokenSerializer):
    token = serializers.CharField(
        allow_null=True, help_text="Shown this once; null when the answer is replayed for a repeated Idempotency-Key."
    )

    class Meta(TokenSerializer.Meta):
        fields = [*TokenSerializer.Meta.fields, "token"]


class TokenInput(StrictSerializer):
    """A token to be made."""

    name = Text(max_length=80, help_text="What it is for, e.g. `ci`.")
    expires_at = serializers.DateTimeField(
        required=False, allow_null=True, default=None, help_text="Empty: it lives until it is revoked."
    )

    def validate_expires_at(self, value: datetime | None) -> datetime | None:
        if value is not None and value <= timezone.now():
            raise serializers.ValidationError("That is in the past.")
        return value
