"""What AWS tells now of one target group's targets, and of one launch template's versions, in JSON."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.api.serializers.base import StrictSerializer
from apps.api.serializers.links import Link, OptionalLink
from apps.api.serializers.placed import PLACE
from apps.inventory.models import Group
from apps.inventory.services.targets import Target, Targets
from apps.inventory.services.template_versions import Difference, Version, Versions

WHERE = {"environment": "instance.environment.name", "region": "instance.region"}


class TargetSerializer(serializers.Serializer[Target]):
    """One target; what is of an instance is null where nothing is known of one."""

    id = serializers.CharField(source="health.id", help_text="An instance's id, or an address.")
    port = serializers.IntegerField(source="health.port")
    state = serializers.CharField(source="health.state")
    reason = serializers.CharField(source="health.reason", allow_blank=True)
    description = serializers.CharField(source="health.description", allow_blank=True)
    instance_url = OptionalLink("instance-detail", **WHERE, name="instance.instance_id")
    group = serializers.CharField(source="instance.group.name", allow_null=True, default=None)
    group_url = OptionalLink("group-detail", **WHERE, name="instance.group.name")


class TargetsSerializer(serializers.Serializer[Targets]):
    """Read from AWS for this answer."""

    read_at = serializers.DateTimeField()
    targets = TargetSerializer(many=True)


class LaunchingGroupSerializer(serializers.Serializer[Group]):
    """A group that launches a version."""

    url = Link("group-detail", **PLACE, name="name")
    name = serializers.CharField()


class VersionSerializer(serializers.Serializer[Version]):
    version = serializers.IntegerField(source="state.version")
    default = serializers.BooleanField()
    description = serializers.CharField(source="state.description")
    image_id = serializers.CharField(source="state.image_id", help_text="An AMI, or `resolve:ssm:...`.")
    instance_type = serializers.CharField(source="state.instance_type")
    created_at = serializers.DateTimeField(source="state.created_at")
    groups = LaunchingGroupSerializer(many=True, help_text="Those that launch it now.")


@extend_schema_field({"nullable": True, "description": "Null where this version has not got it."})
class Member(serializers.Field[object, object, object, object]):
    """A member of AWS's launch template data, of whatever type."""

    def to_representation(self, value: object) -> object:
        return value


class DifferenceSerializer(serializers.Serializer[Difference]):
    """A member that differs; user data, which may hold secrets, as its size and a digest."""

    member = serializers.CharField(help_text="Its path, in AWS's names.")
    before = Member()
    after = Member()


class VersionsSerializer(serializers.Serializer[Versions]):
    """Read from AWS for this answer."""

    versions = VersionSerializer(many=True, help_text="Newest first.")
    before = serializers.IntegerField(help_text="The versions compared.")
    after = serializers.IntegerField()
    differences = DifferenceSerializer(many=True)


class Compared(StrictSerializer):
    """Which two versions are compared: the newest with the one before it, unless they are named."""

    before = serializers.IntegerField(required=False, min_value=1, max_value=2**31 - 1)
    after = serializers.IntegerField(required=False, min_value=1, max_value=2**31 - 1)
