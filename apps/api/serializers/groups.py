"""Auto Scaling groups in JSON."""

from __future__ import annotations

from rest_framework import serializers

from apps.api.serializers.base import ReadSerializer
from apps.api.serializers.links import Link
from apps.api.serializers.placed import PLACE, InstanceSerializer
from apps.inventory.models import Group


class LaunchTemplateSerializer(serializers.Serializer[Group]):
    """What a group launches from."""

    id = serializers.CharField(source="launch_template_id")
    name = serializers.CharField(source="launch_template_name")
    version = serializers.CharField(source="launch_template_version", help_text="A number, or `$Latest`.")


class GroupSerializer(ReadSerializer[Group]):
    """Null `cluster`: the name does not follow the grammar, so the group is shown and left alone."""

    url = Link("group-detail", **PLACE, name="name")
    cluster_url = Link("cluster-detail", **PLACE, name="cluster.name")
    environment = serializers.CharField(source="environment.name")
    cluster = serializers.CharField(source="cluster.name", allow_null=True, default=None)
    application = serializers.CharField(source="cluster.application.name", allow_null=True, default=None)
    desired_capacity = serializers.IntegerField(source="desired")
    launch_template = LaunchTemplateSerializer(source="*")
    suspended = serializers.ListField(child=serializers.CharField(), help_text="Processes that are suspended.")
    zones = serializers.ListField(child=serializers.CharField())
    tags = serializers.DictField(child=serializers.CharField())
    synced_at = serializers.DateTimeField(source="read_at")

    class Meta:
        model = Group
        fields = [
            "url",
            "cluster_url",
            "environment",
            "region",
            "name",
            "cluster",
            "application",
            "created_at",
            "min_size",
            "desired_capacity",
            "max_size",
            "instance_count",
            "in_service_count",
            "image_id",
            "instance_type",
            "launch_template",
            "health_check_type",
            "status",
            "suspended",
            "zones",
            "tags",
            "synced_at",
        ]


class GroupDetailSerializer(GroupSerializer):
    instances = InstanceSerializer(many=True)

    class Meta(GroupSerializer.Meta):
        fields = [*GroupSerializer.Meta.fields, "instances"]
