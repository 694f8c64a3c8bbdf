"""The janitor in JSON: marks, rules, what it would do, and what people keep."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.api.serializers.base import ReadSerializer, StrictSerializer, Text
from apps.api.serializers.images import UseSerializer
from apps.api.serializers.links import Link
from apps.api.serializers.policies import Setting
from apps.images.models import JanitorRules, Keep, Mark
from apps.images.selectors.janitor import Judged, WhereUsed
from apps.images.services import rule_fields
from apps.images.services.janitor.rules import NEEDED
from apps.inventory.models import Image, Instance
from apps.inventory.selectors.references import TemplateUse


class MarkSerializer(ReadSerializer[Mark]):
    """A resource that may go, from the mark to its end."""

    url = Link("janitor-mark-detail", pk="pk")
    environment = serializers.CharField(source="environment.name")
    because = serializers.CharField(help_text="Why it may go.")
    says = serializers.CharField(help_text="Why it stays after all, or what went wrong last.")
    due_at = serializers.DateTimeField(help_text="It is not deleted before.")

    class Meta:
        model = Mark
        fields = [
            "url",
            "id",
            "environment",
            "region",
            "kind",
            "resource",
            "called",
            "application",
            "state",
            "because",
            "says",
            "since",
            "marked_at",
            "notified_at",
            "due_at",
            "deleting_at",
            "ended_at",
        ]


class RulesSerializer(serializers.Serializer[JanitorRules]):
    """What an environment's janitor keeps to."""

    url = Link("janitor-rules-detail", name="environment.name")
    environment = serializers.CharField(source="environment.name")
    changed_by = serializers.CharField(help_text="Empty: nobody yet, these are the defaults.")
    changed_at = serializers.DateTimeField(allow_null=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        settings = {spec.name: Setting(spec, read_only=True) for spec in rule_fields()}
        return {**settings, **super().get_fields()}


class RulesChange(StrictSerializer):
    """What can be set; what is left out stays."""

    reason = Text(
        max_length=1000,
        help_text="Recorded with the change.",
        error_messages={"required": NEEDED, "blank": NEEDED},
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {**{spec.name: Setting(spec, required=False) for spec in rule_fields()}, **super().get_fields()}


class JudgedSerializer(serializers.Serializer[Judged]):
    """A resource, and whether a round would mark it now."""

    kind = serializers.CharField()
    region = serializers.CharField(source="thing.region")
    resource = serializers.CharField(source="thing.resource")
    called = serializers.CharField(source="thing.called")
    application = serializers.CharField(source="thing.application")
    since = serializers.DateTimeField(
        source="thing.since", allow_null=True, help_text="Of no use from then on, as far as is known."
    )
    goes = serializers.BooleanField(help_text="It would be marked, or keeps its mark.")
    because = serializers.CharField(source="thing.because", help_text="Why it may go, once nothing keeps it.")
    stays = serializers.CharField(source="thing.stays", help_text="Why it stays; empty where it goes.")


class DryRunSerializer(serializers.Serializer[Any]):
    """What a round would find now. Nothing is changed to find out."""

    environment = serializers.CharField()
    active = serializers.BooleanField(help_text="Else nothing is marked nor deleted.")
    held = serializers.CharField(help_text="Why nothing is deleted now; empty if nothing is in the way.")
    things = JudgedSerializer(many=True)


class KeepSerializer(ReadSerializer[Keep]):
    """A resource that somebody keeps from the janitor."""

    url = Link("janitor-keep-detail", pk="pk")
    environment = serializers.CharField(source="environment.name")
    note = serializers.CharField(
        help_text="Of a POST: that nothing of this name is known, or that it was kept before; else empty."
    )

    class Meta:
        model = Keep
        fields = ["url", "id", "environment", "region", "kind", "resource", "actor", "reason", "created_at", "note"]


class KeepInput(StrictSerializer):
    """What shall be kept."""

    environment = Text(max_length=64)
    region = Text(max_length=32)
    kind = Text(max_length=32, help_text="image, snapshot, template-version or group.")
    resource = Text(max_length=300, help_text="Its id; a launch template version as lt-0123:7, a group by its name.")
    reason = Text(max_length=1000, allow_blank=True, default="")


class InstanceUseSerializer(serializers.Serializer[Instance]):
    """An instance that runs the AMI."""

    url = Link("instance-detail", environment="environment.name", region="region", name="instance_id")
    environment = serializers.CharField(source="environment.name")
    region = serializers.CharField()
    instance_id = serializers.CharField()
    state = serializers.CharField(help_text="EC2's.")
    group = serializers.CharField(source="group.name", default="", help_text="Empty where it is in none.")


class TemplateUseSerializer(serializers.Serializer[TemplateUse]):
    """A launch template version that names the AMI."""

    url = Link("launch-template-detail", environment="environment", region="region", name="template_id")
    environment = serializers.CharField()
    region = serializers.CharField()
    name = serializers.CharField(help_text="The template's.")
    template_id = serializers.CharField()
    version = serializers.IntegerField()
    current = serializers.BooleanField(help_text="The default or the latest version.")


class OtherImageSerializer(serializers.Serializer[Image]):
    """An AMI that has to do with it."""

    url = Link("image-detail", environment="environment.name", region="region", name="image_id")
    environment = serializers.CharField(source="environment.name")
    region = serializers.CharField()
    image_id = serializers.CharField()
    name = serializers.CharField()


class WhereUsedSerializer(serializers.Serializer[WhereUsed]):
    """What uses an AMI in every environment, and what the janitor thinks of it."""

    groups = UseSerializer(many=True, help_text="The groups that launch it, those that serve first.")
    instances = InstanceUseSerializer(
        many=True, help_text="Those that run it beside these: their group launches another, or they are in none."
    )

    templates = TemplateUseSerializer(many=True)
    base_of = OtherImageSerializer(many=True, help_text="Made upon it.")
    copies = OtherImageSerializer(many=True, help_text="The same bake in other regions or environments.")
    last_referenced_at = serializers.DateTimeField(allow_null=True, help_text="Null: nobody has seen it used.")
    last_referenced_by = serializers.CharField()
    unknown = serializers.CharField(help_text="Why its use is not wholly known; empty where it is.")
    mark = serializers.SerializerMethodField(help_text="The janitor's, while it has one.")
    keeps = KeepSerializer(many=True)

    @extend_schema_field(MarkSerializer(allow_null=True))
    def get_mark(self, used: WhereUsed) -> Any:
        return MarkSerializer(used.mark, context=self.context).data if used.mark else None
