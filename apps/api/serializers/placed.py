"""What lies in one environment and region: instances, target groups, load balancers, launch templates."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.api.serializers.base import ReadSerializer
from apps.api.serializers.links import Link, OptionalLink
from apps.inventory.models import Instance, LaunchTemplate, LoadBalancer, TargetGroup

PLACE = {"environment": "environment.name", "region": "region"}


class TargetHealthSerializer(serializers.Serializer[Any]):
    """What one target group says of an instance."""

    target_group = serializers.CharField(help_text="Its ARN.")
    state = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)
    description = serializers.CharField(allow_blank=True)


class InstanceSerializer(ReadSerializer[Instance]):
    url = Link("instance-detail", **PLACE, name="instance_id")
    group_url = OptionalLink("group-detail", **PLACE, name="group.name")
    cluster_url = OptionalLink("cluster-detail", **PLACE, name="group.cluster.name")
    environment = serializers.CharField(source="environment.name")
    group = serializers.CharField(source="group.name", allow_null=True, default=None)
    cluster = serializers.CharField(source="group.cluster.name", allow_null=True, default=None)
    in_service = serializers.BooleanField(help_text="In service and healthy for its Auto Scaling group.")
    target_health = serializers.SerializerMethodField()
    tags = serializers.DictField(child=serializers.CharField())
    launched_with = serializers.DictField(source="details", help_text="In AWS's names; what is not known is left out.")
    synced_at = serializers.DateTimeField(source="read_at")
    gone_at = serializers.DateTimeField(
        allow_null=True,
        help_text="When AWS was first found to have it no more, so that all else is as it was last; null while it has.",
    )

    class Meta:
        model = Instance
        fields = [
            "url",
            "group_url",
            "cluster_url",
            "environment",
            "region",
            "instance_id",
            "group",
            "cluster",
            "zone",
            "state",
            "lifecycle_state",
            "health_status",
            "in_service",
            "target_health",
            "private_ip",
            "image_id",
            "instance_type",
            "launch_template_version",
            "launched_at",
            "launched_with",
            "protected",
            "tags",
            "synced_at",
            "gone_at",
        ]

    @extend_schema_field(TargetHealthSerializer(many=True))
    def get_target_health(self, row: Instance) -> list[dict[str, str]]:
        return [{"target_group": arn, **health} for arn, health in row.target_health.items()]


class TargetGroupSerializer(ReadSerializer[TargetGroup]):
    url = Link("target-group-detail", **PLACE, name="name")
    environment = serializers.CharField(source="environment.name")
    load_balancers = serializers.ListField(child=serializers.CharField(), help_text="ARNs.")
    synced_at = serializers.DateTimeField(source="read_at")

    class Meta:
        model = TargetGroup
        fields = [
            "url",
            "environment",
            "region",
            "name",
            "arn",
            "protocol",
            "port",
            "target_type",
            "vpc_id",
            "health_path",
            "health_interval",
            "healthy_threshold",
            "load_balancers",
            "synced_at",
        ]


class LoadBalancerSerializer(ReadSerializer[LoadBalancer]):
    url = Link("load-balancer-detail", **PLACE, name="name")
    environment = serializers.CharField(source="environment.name")
    listeners = serializers.ListField(child=serializers.DictField())
    listeners_synced_at = serializers.DateTimeField(
        source="listeners_read_at", allow_null=True, help_text="Null until they were read: then `listeners` is empty."
    )
    synced_at = serializers.DateTimeField(source="read_at")

    class Meta:
        model = LoadBalancer
        fields = [
            "url",
            "environment",
            "region",
            "name",
            "arn",
            "dns_name",
            "scheme",
            "state",
            "vpc_id",
            "listeners",
            "listeners_synced_at",
            "synced_at",
        ]


class LaunchTemplateSerializer(ReadSerializer[LaunchTemplate]):
    url = Link("launch-template-detail", **PLACE, name="template_id")
    environment = serializers.CharField(source="environment.name")
    tags = serializers.DictField(child=serializers.CharField())
    synced_at = serializers.DateTimeField(source="read_at")

    class Meta:
        model = LaunchTemplate
        fields = [
            "url",
            "environment",
            "region",
            "template_id",
            "name",
            "default_version",
            "latest_version",
            "created_at",
            "tags",
            "synced_at",
        ]
