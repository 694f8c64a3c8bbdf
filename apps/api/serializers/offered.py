"""A way to push, or something that can be done by hand: what may be chosen, with its options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from apps.api.serializers.base import StrictSerializer, Text
from apps.deployments.operations import Operation

LONGEST = 255  # characters of the name of a policy or schedule


class OfferedSerializer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    options = serializers.DictField(source="schema", help_text="The JSON Schema of its options.")


class Parts(StrictSerializer):
    """Parts of a group, by their names."""

    policy = Text(required=False, max_length=LONGEST, help_text="A scaling policy to tell of.")
    schedule = Text(required=False, max_length=LONGEST, help_text="A scheduled action to tell of.")


class GroupOperationSerializer(OfferedSerializer):
    """Something that can be done to this group: what is set now, and why it cannot be done now, where it cannot."""

    of = serializers.CharField(help_text="What it is done to: `group`, or a part of it, which is an option then.")
    often = serializers.BooleanField(help_text="It is what people mostly come to a group for.")
    current = serializers.SerializerMethodField(
        help_text="What its options are now, in words, by option; what is not among them is not known, or not set."
    )
    possible = serializers.SerializerMethodField(help_text="As far as our own records tell; `dry_run` asks AWS.")
    why_not = serializers.SerializerMethodField(help_text="Empty when it is possible.")

    def get_current(self, operation: Operation) -> dict[str, str]:
        told: Mapping[str, Mapping[str, str]] = self.context.get("current", {})
        return dict(told.get(operation.slug, {}))

    def get_possible(self, operation: Operation) -> bool:
        return not self.get_why_not(operation)

    def get_why_not(self, operation: Operation) -> str:
        why: str = self.context.get("why_not", "")
        return why
