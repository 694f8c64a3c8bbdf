"""Deployments in JSON, and how a push is asked for."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from rest_framework import serializers

from apps.api.serializers.base import Flag, ReadSerializer, StrictSerializer, Text
from apps.api.serializers.events import EventSerializer
from apps.api.serializers.links import Link
from apps.deployments import strategies
from apps.deployments.models import Deployment
from apps.deployments.progress import Progress, progress
from apps.workflows.models import Step
from apps.workflows.states import RunState, StepState


class DeploymentSerializer(ReadSerializer[Deployment]):
    """A push, rollback or clean-up of a cluster."""

    url = Link("deployment-detail", pk="pk")
    cluster_url = Link(
        "cluster-detail", environment="cluster.environment.name", region="cluster.region", name="cluster.name"
    )
    state = serializers.ChoiceField(RunState.choices, source="run.state")
    environment = serializers.CharField(source="cluster.environment.name")
    region = serializers.CharField(source="cluster.region")
    cluster = serializers.CharField(source="cluster.name")
    application = serializers.CharField(source="cluster.application.name")
    image = serializers.CharField(source="to_image")
    waiting_for = serializers.SerializerMethodField(help_text="What it waits for, in one sentence; empty once ended.")
    run = serializers.IntegerField(source="run_id", help_text="As events name it.")
    started_at = serializers.DateTimeField(source="run.started_at", allow_null=True)
    ended_at = serializers.DateTimeField(source="run.ended_at", allow_null=True)

    class Meta:
        model = Deployment
        fields = [
            "url",
            "cluster_url",
            "id",
            "kind",
            "state",
            "waiting_for",
            "environment",
            "region",
            "cluster",
            "application",
            "image",
            "strategy",
            "actor",
            "reason",
            "from_group",
            "to_group",
            "from_version",
            "to_version",
            "from_image",
            "undoes",
            "run",
            "created_at",
            "started_at",
            "ended_at",
        ]

    def get_waiting_for(self, row: Deployment) -> str:
        return "" if row.run.ended else row.run.says


class FindingSerializer(serializers.Serializer[Any]):
    """What pre-flight saw: `refuse` stops it, `warn` should be read first, `note` is worth knowing."""

    level = serializers.ChoiceField(["refuse", "warn", "note"])
    code = serializers.CharField()
    text = serializers.CharField()
    subject = serializers.CharField()


class StepSerializer(ReadSerializer[Step]):
    state = serializers.ChoiceField(StepState.choices)
    changes = serializers.ListField(child=serializers.CharField())
    attempts = serializers.SerializerMethodField(help_text="How often it was begun.")

    class Meta:
        model = Step
        fields = [
            "position",
            "kind",
            "title",
            "state",
            "says",
            "changes",
            "irreversible",
            "timeout_seconds",
            "expected_seconds",
            "started_at",
            "ended_at",
            "attempts",
        ]

    def get_attempts(self, row: Step) -> int:
        return len(row.attempts.all())


class DeploymentDetailSerializer(DeploymentSerializer):
    """With its steps and what happened; `outcome` and `next_hint` say how it ended and what to do now."""

    outcome = serializers.SerializerMethodField(help_text="How it ended, in words; empty while it runs.")
    next_hint = serializers.SerializerMethodField()
    options = serializers.DictField(help_text="Complete, defaults filled in.")
    findings = FindingSerializer(many=True)
    steps = StepSerializer(source="run.steps", many=True)
    events = serializers.SerializerMethodField()

    class Meta(DeploymentSerializer.Meta):
        fields = [
            *DeploymentSerializer.Meta.fields,
            "outcome",
            "next_hint",
            "options",
            "findings",
            "steps",
            "events",
        ]

    def get_waiting_for(self, row: Deployment) -> str:
        return "" if row.run.ended else self._progress(row).sentence

    def get_outcome(self, row: Deployment) -> str:
        return self._progress(row).sentence if row.run.ended else ""

    def get_next_hint(self, row: Deployment) -> str:
        return self._progress(row).next_hint

    def get_events(self, row: Deployment) -> EventSerializer:
        return EventSerializer(self.context["events"], many=True, context=self.context).data  # type: ignore[return-value]  # the annotation is for the schema

    def _progress(self, row: Deployment) -> Progress:
        return progress(row)


class PlannedStepSerializer(serializers.Serializer[Any]):
    """A step that would be taken."""

    kind = serializers.CharField()
    title = serializers.CharField()
    changes = serializers.ListField(child=serializers.CharField(), help_text="What it would change on AWS, in words.")
    irreversible = serializers.BooleanField()
    timeout_seconds = serializers.FloatField(allow_null=True)
    expected_seconds = serializers.FloatField(allow_null=True)


class PreviewSerializer(serializers.Serializer[Any]):
    """What would be done. Nothing was changed to find out."""

    sentence = serializers.CharField()
    possible = serializers.SerializerMethodField(help_text="Whether nothing refuses it.")
    steps = PlannedStepSerializer(many=True)
    findings = FindingSerializer(many=True)
    from_group = serializers.CharField()
    to_group = serializers.CharField()
    from_version = serializers.CharField()
    to_version = serializers.CharField()
    from_image = serializers.CharField()
    to_image = serializers.CharField()
    from_size = serializers.IntegerField()
    to_size = serializers.IntegerField()
    expected_seconds = serializers.FloatField()

    def get_possible(self, preview: Any) -> bool:
        return not preview.refusals


class Options(serializers.DictField):
    """A strategy's options. Their names, types and ranges are checked by the strategy that declares them."""


class StrategySlug(Text):
    """The slug of a registered strategy."""


class DeploymentInput(StrictSerializer):
    """A push to be made."""

    environment = Text(max_length=64)
    region = Text(max_length=32)
    cluster = Text(max_length=255)
    image = Text(max_length=64, help_text="Id of an AMI that this account may launch in this region.")
    strategy = StrategySlug(max_length=64, default="red-black")
    options = Options(default=dict)
    reason = Text(max_length=1000, allow_blank=True, default="")
    dry_run = Flag(default=False, help_text="Only tell what would be done.")


class UndoInput(StrictSerializer):
    """Cancels or rolls back."""

    reason = Text(max_length=1000, allow_blank=True, default="")
    dry_run = Flag(default=False, help_text="Only tell what would be done.")


class ResumeInput(StrictSerializer):
    """Goes on with what asked for a person."""

    reason = Text(max_length=1000, allow_blank=True, default="")


class OptionsSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]  # its metaclass hook is untyped
    """Derived from the strategies' option declarations, never listed by hand."""

    target_class = Options

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        known = [{"title": slug, **strategy.schema} for slug, strategy in strategies.all().items()]
        return known[0] if len(known) == 1 else {"anyOf": known}


class StrategySlugSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]  # its metaclass hook is untyped
    target_class = StrategySlug

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        return {"type": "string", "enum": list(strategies.all())}
