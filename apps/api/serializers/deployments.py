"""Deployments in JSON."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.api.serializers.base import ReadSerializer
from apps.api.serializers.events import EventSerializer
from apps.api.serializers.in_words import Briefly, InWords
from apps.api.serializers.links import Link
from apps.api.serializers.previews import FindingSerializer
from apps.deployments.models import Deployment
from apps.deployments.progress import Progress, progress
from apps.deployments.selectors import held_by, offer_of
from apps.deployments.way_back import RollbackOffer
from apps.workflows import kinds
from apps.workflows.models import Step
from apps.workflows.selectors import Choice
from apps.workflows.states import Decision, RunState, StepState


class DeploymentSerializer(Briefly, ReadSerializer[Deployment]):
    """A push, rollback, clean-up or change of a cluster."""

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
    user_data = serializers.IntegerField(
        allow_null=True, help_text="The version of the application's user data template that it used."
    )
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
            "operation",
            "actor",
            "reason",
            "from_group",
            "to_group",
            "from_version",
            "to_version",
            "from_image",
            "user_data",
            "undoes",
            "run",
            "created_at",
            "started_at",
            "ended_at",
        ]


class StepSerializer(ReadSerializer[Step]):
    state = serializers.ChoiceField(StepState.choices)
    changes = serializers.ListField(child=serializers.CharField())
    attempts = serializers.SerializerMethodField(help_text="How often it was begun.")
    undo_title = serializers.SerializerMethodField(help_text="What its undo does; empty if nothing is to be put back.")

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
            "undo_title",
            "undo_started_at",
        ]

    def get_undo_title(self, row: Step) -> str:
        title: str = getattr(kinds.kind(row.kind), "undo_title", "") if row.kind in kinds.slugs() else ""
        return title.format(group=row.params.get("group", ""))

    def get_attempts(self, row: Step) -> int:
        return len(row.attempts.all())


class ChoiceSerializer(serializers.Serializer[Choice]):
    """What may be decided about a deployment: POST `choice` to its `decide/`."""

    choice = serializers.ChoiceField(Decision.choices, source="slug")
    says = serializers.CharField(help_text="What it does, in a sentence.")
    possible = serializers.BooleanField()
    why_not = serializers.CharField(help_text="Empty when it is possible.")
    stays = serializers.ListField(child=serializers.CharField(), help_text="What stays changed after it.")


class RollbackOfferSerializer(serializers.Serializer[RollbackOffer]):
    """What rolling back would mean now, as far as the console's own records tell; `dry_run` asks AWS as well."""

    possible = serializers.BooleanField()
    group = serializers.CharField(help_text="The group that would serve again.")
    version = serializers.CharField()
    why_not = serializers.CharField(help_text="Empty when it is possible.")


class DeploymentDetailSerializer(InWords, DeploymentSerializer):
    """With its steps and what happened; `outcome` and `next_hint` say how it ended and what to do now."""

    outcome = serializers.SerializerMethodField(help_text="How it ended, in words; empty while it runs.")
    next_hint = serializers.SerializerMethodField()
    held_by = serializers.SerializerMethodField(help_text="Codes by which the traffic guard holds it: `override/`.")
    rollback = serializers.SerializerMethodField(help_text="Of a push that still runs it is its undo.")
    options = serializers.DictField(help_text="Complete, defaults filled in.")
    overrides = serializers.ListField(child=serializers.CharField(), help_text="Codes that shall not stop it.")
    findings = FindingSerializer(many=True)
    steps = StepSerializer(source="run.steps", many=True)
    events = serializers.SerializerMethodField()

    class Meta(DeploymentSerializer.Meta):
        fields = [
            *DeploymentSerializer.Meta.fields,
            "outcome",
            "next_hint",
            "held_by",
            "rollback",
            "options",
            "overrides",
            "findings",
            "steps",
            "events",
        ]

    def get_held_by(self, row: Deployment) -> list[str]:
        return list(held_by(row))

    def get_rollback(self, row: Deployment) -> RollbackOfferSerializer:
        return RollbackOfferSerializer(offer_of(row)).data  # type: ignore[return-value]  # the annotation is for the schema

    @extend_schema_field(EventSerializer(many=True))
    def get_events(self, row: Deployment) -> Any:
        return EventSerializer(self.context["events"], many=True, context=self.context).data

    def _progress(self, row: Deployment) -> Progress:
        return progress(row)
