"""Promotions in JSON."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.api.serializers.base import Flag, ReadSerializer, StrictSerializer, Text
from apps.api.serializers.deployments import StepSerializer
from apps.api.serializers.events import EventSerializer
from apps.api.serializers.in_words import Briefly, InWords
from apps.api.serializers.links import Link, OptionalLink
from apps.api.serializers.previews import PlannedStepSerializer
from apps.images.models import Promotion
from apps.images.promotion.progress import Progress, Standing, progress, standing
from apps.images.services import PromotionPreview, RevocationPreview
from apps.workflows.models import Run
from apps.workflows.states import RunState


class GrantedSerializer(serializers.Serializer[Any]):
    """The AMI in one region, with its snapshots."""

    region = serializers.CharField()
    image_id = serializers.CharField()
    snapshots = serializers.ListField(child=serializers.CharField())


class GrantSerializer(GrantedSerializer):
    """What would be granted in one region."""

    visible = serializers.BooleanField(help_text="Whether the target sees it already.")


class PromotionFindingSerializer(serializers.Serializer[Any]):
    """What a look at AWS saw: `refuse` stops it, `warn` should be read first. The text says what mends it."""

    level = serializers.ChoiceField(["refuse", "warn"])
    code = serializers.CharField()
    text = serializers.CharField()
    region = serializers.CharField(help_text="Empty where it is about none in particular.")


class PromotedGateSerializer(serializers.Serializer[Any]):
    """A gate of the build, as it was then."""

    name = serializers.CharField()
    outcome = serializers.CharField()
    url = serializers.CharField(allow_blank=True)
    says = serializers.CharField(allow_blank=True)


class PromotedBuildSerializer(serializers.Serializer[Any]):
    """The build that is in it."""

    id = serializers.IntegerField()
    says = serializers.CharField(help_text="What people call it.")
    commit = serializers.CharField(allow_blank=True)
    number = serializers.CharField(allow_blank=True)
    url = serializers.CharField(allow_blank=True)
    gates = PromotedGateSerializer(many=True)


class PromotedBakeSerializer(serializers.Serializer[Any]):
    """The bake that made it."""

    id = serializers.IntegerField()
    by = serializers.CharField()
    base_image = serializers.CharField()
    ended_at = serializers.DateTimeField(allow_null=True)


class PromotedManifestSerializer(serializers.Serializer[Any]):
    """What is known to be inside."""

    packages = serializers.IntegerField()
    files = serializers.IntegerField()
    lost = serializers.IntegerField()
    sha256 = serializers.CharField(help_text="Of all packages and files, so that two manifests can be told apart.")
    recorded_at = serializers.DateTimeField()


class ServesSerializer(serializers.Serializer[Any]):
    """A group of the source that launches it."""

    group = serializers.CharField()
    region = serializers.CharField()
    does = serializers.CharField(help_text="As `serves`, or `stands by`.")
    instances = serializers.IntegerField()
    since = serializers.DateTimeField(help_text="When the group was made.")
    read_at = serializers.DateTimeField(help_text="When that was read from AWS.")


class EvidenceSerializer(serializers.Serializer[Any]):
    """What it was decided upon, as it was then; what is not known is null."""

    build = PromotedBuildSerializer(allow_null=True)
    bake = PromotedBakeSerializer(allow_null=True)
    manifest = PromotedManifestSerializer(allow_null=True)
    serves = ServesSerializer(many=True)


class PromotionSerializer(Briefly, ReadSerializer[Promotion]):
    """An AMI that another environment's account was let launch."""

    url = Link("promotion-detail", pk="pk")
    standing = serializers.SerializerMethodField(help_text="How it stands now.")
    state = serializers.ChoiceField(
        RunState.choices, source="now.state", help_text="Of the run that grants it, or, once asked, takes it back."
    )
    waiting_for = serializers.SerializerMethodField(help_text="What it waits for, in one sentence; empty once ended.")
    image = serializers.CharField(source="image_id", help_text="Id of the AMI; `images` names the copies.")
    images = GrantedSerializer(many=True)
    bake = serializers.IntegerField(source="bake_id", allow_null=True, help_text="Id of the bake that made it.")
    bake_url = OptionalLink("bake-detail", pk="bake_id")
    source = serializers.CharField(  # type: ignore[assignment]  # fields are taken off the class when it is made
        source="source.name", help_text="The environment whose account owns it."
    )
    target = serializers.CharField(source="target.name", help_text="The environment that may launch it.")
    run = serializers.IntegerField(source="run_id", help_text="As events name it.")
    started_at = serializers.DateTimeField(source="run.started_at", allow_null=True)
    ended_at = serializers.DateTimeField(source="run.ended_at", allow_null=True)
    revoked_by = serializers.CharField(
        source="revocation.actor", default="", help_text="Who asked to take it back; empty where nobody did."
    )
    revoke_reason = serializers.CharField(source="revocation.reason", default="")
    revoked_at = serializers.DateTimeField(source="revocation.ended_at", default=None, allow_null=True)

    class Meta:
        model = Promotion
        fields = [
            "url",
            "id",
            "standing",
            "state",
            "waiting_for",
            "application",
            "version",
            "image",
            "images",
            "bake",
            "bake_url",
            "source",
            "target",
            "actor",
            "reason",
            "run",
            "created_at",
            "started_at",
            "ended_at",
            "revoked_by",
            "revoke_reason",
            "revoked_at",
        ]

    @extend_schema_field(serializers.ChoiceField(Standing.choices))
    def get_standing(self, row: Promotion) -> str:
        return standing(row).value

    def _run(self, row: Promotion) -> Run:
        return row.now


class PromotionDetailSerializer(InWords, PromotionSerializer):
    """With its evidence, its tags, its steps and what happened."""

    joined = serializers.BooleanField(help_text="Of a POST: an earlier request's promotion answers it.")
    outcome = serializers.SerializerMethodField(help_text="How it ended, in words; empty while it runs.")
    next_hint = serializers.SerializerMethodField()
    evidence = EvidenceSerializer()
    tags = serializers.DictField(child=serializers.CharField(), help_text="As they are written in the target.")
    steps = StepSerializer(source="now.steps", many=True, help_text="Of the run that `state` is of.")
    events = serializers.SerializerMethodField()

    class Meta(PromotionSerializer.Meta):
        fields = [
            *PromotionSerializer.Meta.fields,
            "joined",
            "outcome",
            "next_hint",
            "evidence",
            "tags",
            "steps",
            "events",
        ]

    @extend_schema_field(EventSerializer(many=True))
    def get_events(self, row: Promotion) -> Any:
        return EventSerializer(self.context["events"], many=True, context=self.context).data

    def _progress(self, row: Promotion) -> Progress:
        return progress(row)


class PromotionPreviewSerializer(serializers.Serializer[PromotionPreview]):
    """What a promotion would do. Nothing was changed to find out."""

    sentence = serializers.CharField()
    possible = serializers.BooleanField(help_text="Whether nothing stands against it.")
    findings = PromotionFindingSerializer(many=True)
    source = serializers.CharField()  # type: ignore[assignment]  # as above
    target = serializers.CharField()
    account = serializers.CharField(help_text="The target's, which would be let launch it.")
    images = GrantSerializer(many=True)
    left_out = serializers.ListField(
        child=serializers.CharField(), help_text="Regions with a copy that the target does not have."
    )
    tags = serializers.DictField(child=serializers.CharField(), help_text="As they would be written in the target.")
    evidence = EvidenceSerializer()
    existing = serializers.IntegerField(
        source="existing.pk", default=None, allow_null=True, help_text="Id of the promotion that answers it already."
    )
    existing_url = OptionalLink("promotion-detail", pk="existing.pk")
    steps = PlannedStepSerializer(many=True)


class RevocationPreviewSerializer(serializers.Serializer[RevocationPreview]):
    """What taking it back would do. Nothing was changed to find out."""

    sentence = serializers.CharField()
    used_by = serializers.ListField(
        child=serializers.CharField(), help_text="What in the target's account uses it, in words: then it is refused."
    )
    steps = PlannedStepSerializer(many=True)


class PromotionInput(StrictSerializer):
    """An AMI to be promoted."""

    image = Text(max_length=32, help_text="Id of the AMI, or of a copy of it.")
    target = Text(max_length=64, help_text="The environment that shall launch it.")
    reason = Text(max_length=1000, allow_blank=True, default="")
    dry_run = Flag(default=False, help_text="Only tell what would be done.")


class RevocationInput(StrictSerializer):
    """A promotion to be taken back."""

    reason = Text(max_length=1000, allow_blank=True, default="")
    although_used = Flag(default=False, help_text="Although something in the target uses it; needs a reason.")
    dry_run = Flag(default=False, help_text="Only tell what would be done.")


class PromotionCancelInput(StrictSerializer):
    """Cancels."""

    reason = Text(max_length=1000, allow_blank=True, default="")
