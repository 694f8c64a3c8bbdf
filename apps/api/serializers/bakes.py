"""Bakes in JSON."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from apps.api.serializers.base import Flag, ReadSerializer, StrictSerializer, Text
from apps.api.serializers.deployments import StepSerializer
from apps.api.serializers.events import EventSerializer
from apps.api.serializers.in_words import Briefly, InWords
from apps.api.serializers.links import Link, OptionalLink
from apps.api.serializers.previews import PlannedStepSerializer
from apps.images.models import Bake, BakedImage, Manifest
from apps.images.progress import LOG_LINES, Progress, progress, tail
from apps.images.services import BakePreview
from apps.workflows.states import RunState


class BakedImageSerializer(ReadSerializer[BakedImage]):
    """An AMI that a bake made: the first, or its copy in another region."""

    deleted_at = serializers.DateTimeField(allow_null=True, help_text="Null while it stands, as far as is known.")

    class Meta:
        model = BakedImage
        fields = ["region", "image_id", "created_at", "deleted_at"]


class BakeSerializer(Briefly, ReadSerializer[Bake]):
    """One image that somebody asked for, and its copies."""

    url = Link("bake-detail", pk="pk")
    application_url = Link("application-detail", name="application.name")
    application = serializers.CharField(source="application.name")
    state = serializers.ChoiceField(RunState.choices, source="run.state")
    waiting_for = serializers.SerializerMethodField(help_text="What it waits for, in one sentence; empty once ended.")
    build = serializers.IntegerField(source="build_id", allow_null=True, help_text="Id of the build that it is of.")
    environment = serializers.CharField(source="environment.name")
    region = serializers.CharField(help_text="Where it is made; `images` names the copies.")
    base_image = serializers.CharField(help_text="Id of the AMI that it is made upon.")
    images = BakedImageSerializer(many=True, help_text="The AMIs by region, that of its own region first.")
    run = serializers.IntegerField(source="run_id", help_text="As events name it.")
    started_at = serializers.DateTimeField(source="run.started_at", allow_null=True)
    ended_at = serializers.DateTimeField(source="run.ended_at", allow_null=True)

    class Meta:
        model = Bake
        fields = [
            "url",
            "application_url",
            "id",
            "state",
            "waiting_for",
            "application",
            "package",
            "version",
            "build",
            "environment",
            "region",
            "architecture",
            "base_image",
            "image_name",
            "images",
            "actor",
            "reason",
            "run",
            "created_at",
            "started_at",
            "ended_at",
        ]


class ManifestCountsSerializer(serializers.Serializer[Manifest]):
    """How much is recorded of what is inside."""

    packages = serializers.SerializerMethodField()
    files = serializers.SerializerMethodField(help_text="Configuration files whose content is recorded by its digest.")
    lost = serializers.IntegerField(help_text="Pieces of it that AWS did not keep: then it is not complete.")
    recorded_at = serializers.DateTimeField()

    def get_packages(self, row: Manifest) -> int:
        return len(row.packages)

    def get_files(self, row: Manifest) -> int:
        return len(row.files)


class BakeDetailSerializer(InWords, BakeSerializer):
    """With its steps and what happened; `outcome` and `next_hint` say how it ended and what to do now."""

    log_url = Link("bake-log", pk="pk")
    manifest_url = serializers.SerializerMethodField(help_text="Null where nothing was recorded.")
    joined = serializers.BooleanField(help_text="Of a POST: an earlier request's bake answers it.")
    outcome = serializers.SerializerMethodField(help_text="How it ended, in words; empty while it runs.")
    next_hint = serializers.SerializerMethodField()
    recipe = serializers.DictField(help_text="The recipe as it was then, with the base image that it meant.")
    builder = serializers.CharField(help_text="Id of the instance that made it; empty before there was one.")
    log = serializers.SerializerMethodField(help_text=f"The last {LOG_LINES} lines at most; `log_url` has all.")
    log_cut = serializers.IntegerField(help_text="Bytes of the log that were lost before what is kept.")
    manifest = ManifestCountsSerializer(allow_null=True)
    steps = StepSerializer(source="run.steps", many=True)
    events = serializers.SerializerMethodField()

    class Meta(BakeSerializer.Meta):
        fields = [
            *BakeSerializer.Meta.fields,
            "log_url",
            "manifest_url",
            "joined",
            "outcome",
            "next_hint",
            "recipe",
            "builder",
            "log",
            "log_cut",
            "manifest",
            "steps",
            "events",
        ]

    @extend_schema_field({"type": "string", "format": "uri", "nullable": True})
    def get_manifest_url(self, row: Bake) -> str | None:
        if row.manifest_id is None:
            return None
        return reverse("api:bake-manifest", kwargs={"pk": row.pk}, request=self.context.get("request"))

    def get_log(self, row: Bake) -> str:
        return tail(row)[0]

    @extend_schema_field(EventSerializer(many=True))
    def get_events(self, row: Bake) -> Any:
        return EventSerializer(self.context["events"], many=True, context=self.context).data

    def _progress(self, row: Bake) -> Progress:
        return progress(row)


class BakePreviewSerializer(serializers.Serializer[BakePreview]):
    """What a bake would do. Nothing was made to find out."""

    sentence = serializers.CharField()
    possible = serializers.SerializerMethodField(help_text="Whether nothing stands against it.")
    findings = serializers.ListField(child=serializers.CharField(), help_text="What stands against it: sentences.")
    notes = serializers.ListField(child=serializers.CharField(), help_text="What should be known before: sentences.")
    base_image = serializers.CharField(help_text="Id of the AMI that it would be made upon; empty where there is none.")
    base_name = serializers.CharField()
    key = serializers.CharField(help_text="The same for all that would make the same image.")
    existing = serializers.IntegerField(
        source="existing.pk", default=None, allow_null=True, help_text="Id of the bake that answers it already."
    )
    existing_url = OptionalLink("bake-detail", pk="existing.pk")
    steps = PlannedStepSerializer(many=True, help_text="None where a bake answers it already.")

    def get_possible(self, preview: BakePreview) -> bool:
        return not preview.findings


class BakeLogSerializer(serializers.Serializer[Bake]):
    """All that is kept of what the builder printed."""

    id = serializers.IntegerField()
    log = serializers.CharField(allow_blank=True)
    log_cut = serializers.IntegerField(help_text="Bytes that were lost before what is kept.")


class ManifestSerializer(serializers.Serializer[Manifest]):
    """What is inside of the images of a bake, recorded when it was made."""

    packages = serializers.DictField(child=serializers.CharField(), help_text="`manager:name` to version.")
    files = serializers.DictField(child=serializers.CharField(), help_text="Path of a configuration file to SHA-256.")
    lost = serializers.IntegerField(help_text="Pieces of it that AWS did not keep: then it is not complete.")
    recorded_at = serializers.DateTimeField()


class BakeInput(StrictSerializer):
    """An image to be made."""

    application = Text(max_length=255)
    version = Text(max_length=255, help_text="Exactly as the package repository has it.")
    package = Text(max_length=255, allow_blank=True, default="", help_text="Left out: that of the recipe.")
    build = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=2**63 - 1, help_text="Id of a build."
    )
    rebake = Flag(default=False, help_text="Make it again, although the same image is there already.")
    reason = Text(max_length=1000, allow_blank=True, default="")
    dry_run = Flag(default=False, help_text="Only tell what would be done.")


class BakeCancelInput(StrictSerializer):
    """Cancels."""

    reason = Text(max_length=1000, allow_blank=True, default="")
