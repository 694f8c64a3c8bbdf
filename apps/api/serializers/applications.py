"""Applications in JSON."""

from __future__ import annotations

from rest_framework import serializers

from apps.api.serializers.base import ReadSerializer, StrictSerializer, Text, TextMap
from apps.api.serializers.links import Link
from apps.inventory.models import Application


class ApplicationSerializer(ReadSerializer[Application]):
    url = Link("application-detail", name="name")
    tags = serializers.DictField(child=serializers.CharField())
    discovered = serializers.BooleanField(help_text="Found by its groups' names; nobody has registered it.")

    cluster_count = serializers.IntegerField(help_text="Of clusters that have groups.")
    instance_count = serializers.IntegerField()

    class Meta:
        model = Application
        fields = [
            "url",
            "name",
            "owner",
            "email",
            "description",
            "repository_url",
            "health_check_path",
            "log_link_template",
            "tags",
            "discovered",
            "cluster_count",
            "instance_count",
            "created_at",
            "updated_at",
        ]


class ApplicationChange(StrictSerializer):
    """What can be set on an application."""

    owner = Text(required=False, allow_blank=True, max_length=150)
    email = Text(required=False, allow_blank=True, max_length=254)
    description = Text(required=False, allow_blank=True, max_length=2000)
    repository_url = Text(required=False, allow_blank=True, max_length=200)
    health_check_path = Text(required=False, allow_blank=True, max_length=255, help_text="Begins with a slash.")
    log_link_template = Text(required=False, allow_blank=True, max_length=1000)
    tags = TextMap(required=False)
    reason = Text(required=False, allow_blank=True, max_length=1000)


class ApplicationInput(ApplicationChange):
    """An application to be registered."""

    name = Text(max_length=255, help_text="Letters, digits, `.` and `_`.")
