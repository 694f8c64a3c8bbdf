"""AMIs in JSON, with who uses them and who may."""

from __future__ import annotations

from typing import Any, get_args

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.api.serializers.base import ReadSerializer
from apps.api.serializers.links import Link, OptionalLink
from apps.inventory.models import Image
from apps.inventory.selectors.image_use import Does, Use

GROUP = {"environment": "group.environment.name", "region": "group.region"}


class UseSerializer(serializers.Serializer[Use]):
    """A group that launches the AMI."""

    group_url = Link("group-detail", **GROUP, name="group.name")
    cluster_url = OptionalLink("cluster-detail", **GROUP, name="group.cluster.name")
    environment = serializers.CharField(source="group.environment.name")
    region = serializers.CharField(source="group.region")
    group = serializers.CharField(source="group.name")
    does = serializers.ChoiceField(get_args(Does), help_text="By the health checks of its target groups.")
    instance_count = serializers.IntegerField(source="group.instance_count")


class ImageSerializer(ReadSerializer[Image]):
    """An AMI as one environment knows it. `used_by` and `launchable_in` tell of every environment."""

    url = Link("image-detail", environment="environment.name", region="region", name="image_id")
    environment = serializers.CharField(source="environment.name")
    source = serializers.ChoiceField(  # type: ignore[assignment]  # a field of the answer, not of the class
        Image.Source.choices,
        help_text="How its environment knows it: `owned`, `shared` with it by name, or only because something there"
        " runs it: `run`.",
    )
    launchable = serializers.BooleanField(help_text="Its environment may launch it, as far as is known.")
    tags = serializers.DictField(child=serializers.CharField())
    used_by = UseSerializer(many=True, source="uses", help_text="The groups that launch it, those that serve first.")
    launchable_in = serializers.SerializerMethodField(help_text="The environments that may launch it, by name.")
    synced_at = serializers.DateTimeField(source="read_at")

    class Meta:
        model = Image
        fields = [
            "url",
            "environment",
            "region",
            "image_id",
            "name",
            "application",
            "version",
            "commit",
            "build",
            "architecture",
            "state",
            "owner",
            "public",
            "source",
            "launchable",
            "description",
            "created_at",
            "tags",
            "used_by",
            "launchable_in",
            "synced_at",
        ]

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_launchable_in(self, row: Any) -> list[str]:
        return [each.environment.name for each in row.known_in if each.launchable]
