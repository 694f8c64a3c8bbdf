"""Quick checks of packages in JSON."""

from __future__ import annotations

from rest_framework import serializers

from apps.api.serializers.base import ReadSerializer, StrictSerializer, Text
from apps.api.serializers.deployments import StepSerializer
from apps.api.serializers.links import Link
from apps.images.models import Gate, PackageCheck
from apps.images.selectors.package_checks import sentence
from apps.workflows.states import RunState


class PackageCheckSerializer(ReadSerializer[PackageCheck]):
    """A package's version, tried in a throwaway root."""

    url = Link("package-check-detail", pk="pk")
    state = serializers.ChoiceField(RunState.choices, source="run.state")
    outcome = serializers.ChoiceField(
        ["", *Gate.Outcome.values], help_text="Empty until it has ended; skipped: it is not offered here."
    )
    says = serializers.CharField(help_text="How it ended, in a sentence.")
    waiting_for = serializers.SerializerMethodField(help_text="How far it is; empty once it has ended.")
    build = serializers.IntegerField(source="build_id", allow_null=True, help_text="Id of the build that it is of.")
    way = serializers.CharField(help_text="How it was kept apart; empty where it was not tried.")
    seconds = serializers.FloatField(allow_null=True, help_text="That it took.")
    installed = serializers.DictField(help_text="What was not there before: `manager:name` to version.")
    log = serializers.CharField(help_text="What was printed, its end.")
    log_cut = serializers.IntegerField(help_text="Bytes of the log that were lost before what is kept.")
    run = serializers.IntegerField(source="run_id", help_text="As events name it.")
    steps = StepSerializer(source="run.steps", many=True)

    class Meta:
        model = PackageCheck
        fields = [
            "url",
            "id",
            "state",
            "outcome",
            "says",
            "waiting_for",
            "build",
            "package",
            "version",
            "way",
            "seconds",
            "installed",
            "log",
            "log_cut",
            "steps",
            "actor",
            "reason",
            "run",
            "created_at",
            "ended_at",
        ]

    def get_waiting_for(self, row: PackageCheck) -> str:
        return "" if row.run.ended else sentence(row)


class PackageCheckInput(StrictSerializer):
    """Has a build's package checked."""

    reason = Text(max_length=1000, allow_blank=True, default="", help_text="Why; it is recorded.")
