"""Builds and their gates in JSON, where they have gone since, and how they are reported."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from apps.api.serializers.base import Choice, ReadSerializer, StrictSerializer, Text
from apps.api.serializers.images import UseSerializer
from apps.api.serializers.links import Link
from apps.deployments.models import Deployment
from apps.images.models import Bake, Build, Gate
from apps.images.reported import Reported, ReportedGate
from apps.images.selectors.builds import Place
from apps.inventory.models import Image
from apps.workflows.states import RunState


class GateSerializer(ReadSerializer[Gate]):
    """What CI says of one gate; the newest word stands."""

    class Meta:
        model = Gate
        fields = ["name", "outcome", "url", "says", "updated_at"]


class PlaceOfSerializer(serializers.Serializer[Place]):
    """What groups that launch images of a build do in one place; of several the weightiest."""

    environment = serializers.CharField()
    region = serializers.CharField()
    does = serializers.CharField(help_text="As `serves`, `stands by`.")


class BuildSerializer(ReadSerializer[Build]):
    """A build as CI reported it."""

    url = Link("build-detail", pk="pk")
    application = serializers.CharField(source="application.name")
    application_url = Link("application-detail", name="application.name")
    ci_url = serializers.CharField(source="url", help_text="Of the build at CI; empty where CI did not tell.")
    gates = GateSerializer(many=True)
    image_ids = serializers.ListField(
        child=serializers.CharField(),
        source="gone.image_ids",
        help_text="AMIs with it, also such that nobody knows yet.",
    )
    used_in = PlaceOfSerializer(many=True, source="gone.places", help_text="Where groups launch them.")

    class Meta:
        model = Build
        fields = [
            "url",
            "id",
            "application",
            "application_url",
            "package",
            "version",
            "number",
            "commit",
            "branch",
            "ci_url",
            "changelog",
            "gates",
            "image_ids",
            "used_in",
            "reported_by",
            "created_at",
            "updated_at",
        ]


class BakeOfSerializer(ReadSerializer[Bake]):
    """A bake of the build."""

    url = Link("bake-detail", pk="pk")

    state = serializers.ChoiceField(RunState.choices, source="run.state")

    class Meta:
        model = Bake
        fields = ["url", "id", "state", "image_name", "region", "actor", "created_at"]


class ImageOfSerializer(ReadSerializer[Image]):
    """An AMI with the build in it, as one environment knows it."""

    url = Link("image-detail", environment="environment.name", region="region", name="image_id")
    environment = serializers.CharField(source="environment.name")

    class Meta:
        model = Image
        fields = ["url", "environment", "region", "image_id", "name", "state", "created_at"]


class PushOfSerializer(ReadSerializer[Deployment]):
    """A deployment that brought one of these AMIs, or was to."""

    url = Link("deployment-detail", pk="pk")
    state = serializers.ChoiceField(RunState.choices, source="run.state")
    environment = serializers.CharField(source="cluster.environment.name")
    region = serializers.CharField(source="cluster.region")
    cluster = serializers.CharField(source="cluster.name")

    class Meta:
        model = Deployment
        fields = ["url", "id", "kind", "state", "environment", "region", "cluster", "to_image", "actor", "created_at"]


class GoneToSerializer(serializers.Serializer[Any]):
    """Where a build has gone since."""

    bakes = BakeOfSerializer(many=True)
    image_ids = serializers.ListField(child=serializers.CharField(), help_text="AMIs with it, also unknown ones.")
    images = ImageOfSerializer(many=True, help_text="The same AMIs, one for each environment that knows it.")
    groups = UseSerializer(many=True, source="uses", help_text="Groups that launch them now, those that serve first.")
    deployments = PushOfSerializer(many=True, help_text="The newest first, 20 at most.")


class BuildDetailSerializer(BuildSerializer):
    """A build, with where it has gone since."""

    package_check_url = serializers.SerializerMethodField(help_text="Of its newest check; null where there was none.")
    gone_to = serializers.SerializerMethodField()

    class Meta(BuildSerializer.Meta):
        fields = [*BuildSerializer.Meta.fields, "package_check_url", "gone_to"]

    @extend_schema_field({"type": "string", "format": "uri", "nullable": True})
    def get_package_check_url(self, row: Any) -> str | None:
        if row.checked is None:
            return None
        kwargs = {"pk": row.checked.pk}
        return str(reverse("api:package-check-detail", kwargs=kwargs, request=self.context.get("request")))

    @extend_schema_field(GoneToSerializer)
    def get_gone_to(self, row: Any) -> Any:
        return GoneToSerializer({**vars(row.gone), "deployments": row.pushed}, context=self.context).data


class GateInput(StrictSerializer):
    """One gate of a build."""

    name = Text(max_length=64, help_text="As unit, regression or integration: whatever CI calls it.")
    outcome = Choice(Gate.Outcome.choices)
    url = Text(max_length=1000, allow_blank=True, default="")
    says = Text(max_length=500, allow_blank=True, default="", help_text="As `412 passed, 3 failed`.")
    at = serializers.DateTimeField(
        required=False,
        allow_null=True,
        default=None,
        help_text="When it came to be so: an older word never replaces a newer one. Left out: now.",
    )


class BuildInput(StrictSerializer):
    """A build to be reported, or what is new of one."""

    application = Text(max_length=255)
    version = Text(max_length=255, help_text="Exactly as the package manager knows it.")
    package = Text(max_length=255, allow_blank=True, default="", help_text="Left out: the one of the application.")
    number = Text(max_length=64, allow_blank=True, default="", help_text="CI's own.")
    commit = Text(max_length=64, allow_blank=True, default="")
    branch = Text(max_length=255, allow_blank=True, default="")
    ci_url = Text(max_length=1000, allow_blank=True, default="")
    changelog = Text(max_length=100_000, allow_blank=True, default="")
    gates = GateInput(many=True, required=False)

    def reported(self) -> Reported:
        """What was read, for the service."""
        values = dict(self.validated_data)
        gates = tuple(ReportedGate(**each) for each in values.pop("gates", ()))
        return Reported(url=values.pop("ci_url"), gates=gates, **values)


class ReceivedSerializer(serializers.Serializer[Any]):
    """What a delivery to a webhook came to."""

    says = serializers.CharField(help_text="In a sentence.")
    builds = serializers.SerializerMethodField(help_text="The builds that it told of.")

    @extend_schema_field({"type": "array", "items": {"type": "string", "format": "uri"}})
    def get_builds(self, received: Any) -> list[str]:
        request = self.context.get("request")
        return [reverse("api:build-detail", kwargs={"pk": each.pk}, request=request) for each in received.builds]


PAYLOAD = {"application/json": OpenApiTypes.OBJECT}  # each format has its own; how-to/report-builds.md tells them
