"""What AWS tells of one group beyond what is kept of all, in JSON."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.cloud.values import Activity, AlarmState, LaunchTemplateVersion
from apps.inventory.services.details import GroupDetails
from apps.inventory.services.template_versions import HIDDEN


class Described(serializers.ListField):
    """Things as AWS describes them, with AWS's own names of their members."""

    child = serializers.DictField()


class AlarmSerializer(serializers.Serializer[AlarmState]):
    name = serializers.CharField()
    state = serializers.CharField(help_text="`OK`, `ALARM` or `INSUFFICIENT_DATA`.")
    reason = serializers.CharField()


class ActivitySerializer(serializers.Serializer[Activity]):
    """What Auto Scaling did, or could not do, and why."""

    id = serializers.CharField()
    status = serializers.CharField()
    description = serializers.CharField()
    cause = serializers.CharField()
    status_message = serializers.CharField()
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class LaunchesSerializer(serializers.Serializer[LaunchTemplateVersion]):
    """The launch template version that the group launches; without its user data."""

    id = serializers.CharField()
    name = serializers.CharField()
    version = serializers.IntegerField()
    description = serializers.CharField()
    created_at = serializers.DateTimeField()
    launch_template_data = serializers.SerializerMethodField()

    def get_launch_template_data(self, version: LaunchTemplateVersion) -> dict[str, Any]:
        return {key: value for key, value in version.data.items() if key != HIDDEN}


class LiveGroupSerializer(serializers.Serializer[GroupDetails]):
    """Read from AWS for this answer."""

    read_at = serializers.DateTimeField()
    scaling_policies = Described(source="extras.scaling_policies")
    alarms = AlarmSerializer(many=True, help_text="Those that trigger its policies.")
    scheduled_actions = Described(source="extras.scheduled_actions")
    lifecycle_hooks = Described(source="extras.lifecycle_hooks")
    notifications = Described(source="extras.notifications")
    activities = ActivitySerializer(many=True, help_text="The latest 20, newest first.")
    launches = LaunchesSerializer(allow_null=True, help_text="Null: it cannot be read.")
