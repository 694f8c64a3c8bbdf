"""Auto Scaling groups in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.api.serializers.base import ReadSerializer
from apps.api.serializers.links import Link, OptionalLink, address
from apps.api.serializers.locks import OwedSerializer
from apps.api.serializers.placed import PLACE, InstanceSerializer
from apps.deployments.selectors import borrowed_of
from apps.deployments.suspensions import Suspension, suspensions
from apps.inventory.models import Group
from apps.inventory.selectors.words import target_group_name


class LaunchedFromSerializer(serializers.Serializer[Group]):
    """What a group launches from."""

    id = serializers.CharField(source="launch_template_id")
    name = serializers.CharField(source="launch_template_name")
    version = serializers.CharField(source="launch_template_version", help_text="A number, or `$Latest`.")


class TrafficSourceSerializer(serializers.Serializer[Any]):
    """What sends a group its traffic."""

    identifier = serializers.CharField(help_text="A target group's ARN, or a classic load balancer's name.")
    name = serializers.CharField()
    type = serializers.CharField(help_text="`elbv2`, or `elb` of a classic load balancer.")
    via = serializers.CharField(help_text="The family of AWS's calls that attached it.")
    url = serializers.URLField(allow_null=True, help_text="Of the target group; null of what is none.")


class SuspensionSerializer(serializers.Serializer[Suspension]):
    """A process that is suspended. What follows `says` is empty or null where this console did not suspend it."""

    process = serializers.CharField()
    says = serializers.CharField(help_text="AWS's own words.")
    actor = serializers.CharField()
    reason = serializers.CharField()
    run = serializers.IntegerField(allow_null=True)
    at = serializers.DateTimeField(allow_null=True)


class GroupSerializer(ReadSerializer[Group]):
    """Null `cluster`: the name does not follow the grammar, so the group is shown and left alone."""

    url = Link("group-detail", **PLACE, name="name")
    cluster_url = OptionalLink("cluster-detail", **PLACE, name="cluster.name")
    environment = serializers.CharField(source="environment.name")
    cluster = serializers.CharField(source="cluster.name", allow_null=True, default=None)
    application = serializers.CharField(source="cluster.application.name", allow_null=True, default=None)
    desired_capacity = serializers.IntegerField(source="desired")
    launch_template = LaunchedFromSerializer(source="*")
    suspended = serializers.ListField(child=serializers.CharField(), help_text="Processes that are suspended.")
    traffic_sources = serializers.SerializerMethodField()
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
            "traffic_sources",
            "zones",
            "tags",
            "synced_at",
        ]

    @extend_schema_field(TrafficSourceSerializer(many=True))
    def get_traffic_sources(self, row: Group) -> Any:
        return [self._source(row, each) for each in row.traffic_sources]

    def _source(self, row: Group, source: Mapping[str, str]) -> Mapping[str, Any]:
        """As TrafficSourceSerializer has it, without making one for each row of a list."""
        name, url = target_group_name(source["identifier"]), None
        if source["type"] == "elbv2":
            where = {"environment": row.environment.name, "region": row.region, "name": name}
            url = address(self.context, "target-group-detail", where)
        given = {each: source[each] for each in ("identifier", "type", "via")}
        return {**given, "name": name, "url": url}


class GroupDetailSerializer(GroupSerializer):
    suspensions = serializers.SerializerMethodField(help_text="What is in `suspended`, with who and why.")
    borrowed = serializers.SerializerMethodField(help_text="What is changed for a while: by whom, and until when.")
    settings = serializers.DictField(source="details", help_text="Its further settings, in AWS's names.")
    instances = InstanceSerializer(many=True)

    class Meta(GroupSerializer.Meta):
        fields = [*GroupSerializer.Meta.fields, "suspensions", "borrowed", "settings", "instances"]

    @extend_schema_field(SuspensionSerializer(many=True))
    def get_suspensions(self, row: Group) -> Any:
        found: Any = suspensions(row)
        return SuspensionSerializer(found, many=True).data

    @extend_schema_field(OwedSerializer(many=True))
    def get_borrowed(self, row: Group) -> Any:
        if row.cluster is None:
            return []
        row.cluster.environment = row.environment  # read already
        found: Any = borrowed_of(row.cluster, row.name)
        return OwedSerializer(found, many=True).data
