"""How a scaffold is asked for, and what was made of it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from rest_framework import serializers

from apps.api.serializers.asked import Codes
from apps.api.serializers.base import Choice, Flag, ReadSerializer, StrictSerializer, Text
from apps.deployments.models import ScaffoldPart
from apps.deployments.scaffold.wishes import Wishes
from apps.workflows.options import json_schema
from apps.workflows.states import OnFailure


class ScaffoldOptions(serializers.DictField):
    """What it shall be like. Names, types and ranges are checked where they are declared."""


class RemovalInput(StrictSerializer):
    """What was scaffolded for a cluster is to be removed."""

    environment = Text(max_length=64)
    region = Text(max_length=32, allow_blank=True, default="", help_text="Empty: the environment's only one.")
    cluster = Text(max_length=255, allow_blank=True, default="", help_text="Empty: called as the application is.")
    reason = Text(max_length=1000, allow_blank=True, default="")
    overrides = Codes()
    on_failure = Choice(
        OnFailure.choices, default=OnFailure.UNDO, help_text="What a failed step does: undo everything, or ask first."
    )
    dry_run = Flag(default=False, help_text="Only tell what would be done.")


class ScaffoldInput(RemovalInput):
    """A cluster is to get what it needs in one environment and region."""

    options = ScaffoldOptions(default=dict)


class ScaffoldPartSerializer(ReadSerializer[ScaffoldPart]):
    """Something on AWS that scaffolding made."""

    environment = serializers.CharField(source="cluster.environment.name")
    region = serializers.CharField(source="cluster.region")
    cluster = serializers.CharField(source="cluster.name")
    kind = serializers.CharField(source="noun")
    resource = serializers.CharField(help_text="Its ARN or id; empty until it was seen to stand.")
    deployment = serializers.IntegerField(source="deployment_id", help_text="The deployment that made it.")

    class Meta:
        model = ScaffoldPart
        fields = ["environment", "region", "cluster", "kind", "name", "resource", "deployment", "made_at"]


class ScaffoldOptionsSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]  # its metaclass hook is untyped
    """Derived from the options' declarations."""

    target_class = ScaffoldOptions

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        return json_schema(Wishes)
