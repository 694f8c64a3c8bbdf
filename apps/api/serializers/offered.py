"""A way to push, or something that can be done by hand: what may be chosen, with its options."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class OfferedSerializer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    options = serializers.DictField(source="schema", help_text="The JSON Schema of its options.")
