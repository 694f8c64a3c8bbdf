"""Reading requests strictly: an unknown name or a wrong type is told, never guessed at."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from django.db.models import Model
from rest_framework import serializers

M = TypeVar("M", bound=Model)


class Text(serializers.CharField):
    """A string and nothing that could be made into one."""

    default_error_messages = {"not_text": "{value} is not a string."}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("not_text", value=shown(data))
        return super().to_internal_value(data)


class Flag(serializers.BooleanField):
    """true or false, not "yes" nor 1."""

    default_error_messages = {"not_flag": "{value} is neither true nor false."}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("not_flag", value=shown(data))
        return data


class Choice(serializers.ChoiceField):
    """One of a few words; what is none of them is told with all of them."""

    default_error_messages = {"unknown": "{value} is none of {known}."}

    def to_internal_value(self, data: Any) -> Any:
        if str(data) not in map(str, self.choices):
            self.fail("unknown", value=shown(data), known=", ".join(map(str, self.choices)))
        return super().to_internal_value(data)


class TextMap(serializers.DictField):
    """An object whose values are strings: tags."""

    child = Text(allow_blank=True, max_length=1000)


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses unknown names, with the known ones listed."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, Mapping):
            raise serializers.ValidationError({"non_field_errors": [f"Send a JSON object, not {shown(data)}."]})
        known = [name for name, field in self.fields.items() if not field.read_only]
        unknown = {name: [f"Unknown field. Known here: {', '.join(known)}."] for name in data if name not in known}
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as error:
            raise serializers.ValidationError({**unknown, **dict(error.detail)}) from error  # type: ignore[arg-type]  # always a mapping here
        if unknown:
            raise serializers.ValidationError(unknown)
        return value


class ReadSerializer(serializers.ModelSerializer[M]):
    """A row to be read: every field is in every answer."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        for field in fields.values():
            field.read_only = True
        return fields


class NoBody(StrictSerializer):
    """Takes nothing."""


def shown(value: Any) -> str:
    """A JSON value as an error message quotes it."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."
