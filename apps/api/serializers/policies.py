"""Policies of clusters in JSON: fields, bounds and choices are those that the policy itself declares."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from rest_framework import serializers

from apps.api.serializers.base import StrictSerializer, Text
from apps.deployments.services import policy_fields
from apps.workflows.options import OptionSpec, property_schema


class Setting(serializers.Field[Any, Any, Any, Any]):
    """One setting. Its type, range and choices are checked by the policy that declares it."""

    def __init__(self, spec: OptionSpec, **kwargs: Any) -> None:
        super().__init__(allow_null=spec.nullable, **kwargs)
        self.spec = spec

    def to_internal_value(self, data: Any) -> Any:
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class PolicySerializer(serializers.Serializer[Any]):
    """How a cluster is to be changed. Null: as its environment asks for."""

    changed_by = serializers.CharField(help_text="Empty: nobody yet, these are the defaults.")
    changed_at = serializers.DateTimeField(allow_null=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        settings = {spec.name: Setting(spec, read_only=True) for spec in policy_fields()}
        return {**settings, **super().get_fields()}


class PolicyChange(StrictSerializer):
    """What can be set; what is left out stays."""

    reason = Text(max_length=1000, help_text="Recorded with the change.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {**{spec.name: Setting(spec, required=False) for spec in policy_fields()}, **super().get_fields()}


class SettingSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]  # its metaclass hook is untyped
    """Derived from what the policy declares, never listed by hand."""

    target_class = Setting

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        schema = property_schema(self.target.spec)
        del schema["default"]  # what is left out of a change stays
        return schema
