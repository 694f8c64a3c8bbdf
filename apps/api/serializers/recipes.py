"""Recipes, base images and provisioners in JSON."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from rest_framework import serializers

from apps.api.serializers.base import Choice, Flag, ReadSerializer, StrictSerializer, Text
from apps.api.serializers.links import Link
from apps.api.serializers.offered import OfferedSerializer
from apps.images import provisioners
from apps.images.models import BaseImage, Recipe
from apps.images.services.bases import ARCHITECTURES
from apps.images.services.recipe_checks import LONGEST, SHORTEST


class ProvisionerOptions(serializers.DictField):
    """A provisioner's options. Their names, types and ranges are checked by the provisioner that declares them."""


class ProvisionerSlug(Text):
    """The slug of a registered provisioner."""


class ProvisionerSerializer(OfferedSerializer):
    """A way to install exactly one version of a package."""


class Names(serializers.ListField):
    """Texts, each once."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=Text(max_length=64), max_length=50, **kwargs)


class RecipeSerializer(ReadSerializer[Recipe]):
    """How an application's package becomes an AMI, and where."""

    url = Link("application-recipe", name="application.name")
    application_url = Link("application-detail", name="application.name")
    application = serializers.CharField(source="application.name")
    environment = serializers.CharField(source="environment.name")
    copies = serializers.ListField(child=serializers.CharField())
    security_groups = serializers.ListField(child=serializers.CharField())
    gates = serializers.ListField(child=serializers.CharField())
    options = serializers.DictField(help_text="Of the provisioner; complete, defaults filled in.")

    class Meta:
        model = Recipe
        fields = [
            "url",
            "application_url",
            "application",
            "environment",
            "region",
            "copies",
            "base",
            "base_pinned",
            "architecture",
            "provisioner",
            "repository",
            "options",
            "package",
            "instance_type",
            "subnet",
            "security_groups",
            "instance_profile",
            "bucket",
            "timeout_seconds",
            "gates",
            "git",
            "ticket_pattern",
            "ticket_url",
            "check_first",
            "check_root",
            "check_start",
            "check_path",
            "check_port",
            "check_command",
            "check_seconds",
            "changed_by",
            "changed_at",
        ]


class RecipeChange(StrictSerializer):
    """What can be set; what is left out stays. The first recipe of an application needs place, base and provisioner."""

    environment = Text(required=False, max_length=64, help_text="The account that bakes.")
    region = Text(required=False, max_length=32, help_text="Where it is made.")
    copies = Names(required=False, help_text="Other regions of that environment that get a copy.")
    base = Text(required=False, max_length=64, help_text="A base image's name; its latest is taken.")
    base_pinned = Text(required=False, allow_blank=True, max_length=32, help_text="One of its AMIs, always.")
    architecture = Choice(ARCHITECTURES, required=False)
    provisioner = ProvisionerSlug(required=False, max_length=32)
    repository = Text(required=False, allow_blank=True, max_length=1000, help_text="As the provisioner understands it.")
    options = ProvisionerOptions(required=False)
    package = Text(required=False, allow_blank=True, max_length=255, help_text="Empty: called as the application.")
    instance_type = Text(required=False, max_length=32, help_text="Of the builder.")
    subnet = Text(required=False, allow_blank=True, max_length=32, help_text="Empty: the region's default one.")
    security_groups = Names(required=False)
    instance_profile = Text(required=False, allow_blank=True, max_length=255)
    bucket = Text(required=False, allow_blank=True, max_length=63, help_text="Takes the builder's whole log.")
    timeout_seconds = serializers.IntegerField(required=False, min_value=SHORTEST, max_value=LONGEST)
    gates = Names(required=False, help_text="That a build must have passed to be pushed.")
    git = Text(required=False, allow_blank=True, max_length=1000, help_text="A clone, or a GitHub or GitLab project.")
    ticket_pattern = Text(required=False, allow_blank=True, max_length=255, help_text="A regular expression.")
    ticket_url = Text(required=False, allow_blank=True, max_length=1000, help_text="With `{ticket}` in it.")
    check_first = Flag(required=False, help_text="A bake begins with a check of the package.")
    check_root = Text(required=False, allow_blank=True, max_length=64, help_text="The distribution, as debian-12.")
    check_start = Text(required=False, allow_blank=True, max_length=1000, help_text="Starts the service.")
    check_path = Text(required=False, allow_blank=True, max_length=255, help_text="That it must answer, as /health.")
    check_port = serializers.IntegerField(required=False, min_value=1, max_value=65_535, help_text="Where it does.")
    check_command = Text(required=False, allow_blank=True, max_length=1000, help_text="That must succeed.")
    check_seconds = serializers.IntegerField(required=False, min_value=1, max_value=40, help_text="For both.")
    reason = Text(required=False, allow_blank=True, max_length=1000)


class BaseImageSerializer(ReadSerializer[BaseImage]):
    """An AMI that may be baked upon under a name, until it is withdrawn."""

    url = Link("base-image-detail", pk="pk")
    environment = serializers.CharField(source="environment.name")
    withdrawn_at = serializers.DateTimeField(allow_null=True, help_text="Null while it may be baked upon.")

    class Meta:
        model = BaseImage
        fields = [
            "url",
            "id",
            "environment",
            "region",
            "name",
            "version",
            "architecture",
            "image_id",
            "approved_by",
            "approved_at",
            "withdrawn_by",
            "withdrawn_at",
        ]


class BaseImageInput(StrictSerializer):
    """An AMI to be approved. Its architecture is asked of AWS."""

    environment = Text(max_length=64)
    region = Text(max_length=32)
    name = Text(max_length=64, help_text="As recipes name it.")
    image_id = Text(max_length=32)
    version = Text(max_length=64, allow_blank=True, default="", help_text="What people call this one.")
    reason = Text(max_length=1000, allow_blank=True, default="")


class WithdrawInput(StrictSerializer):
    """Withdraws a base image."""

    reason = Text(max_length=1000, allow_blank=True, default="")


class ProvisionerOptionsSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]  # its metaclass hook is untyped
    """Derived from the provisioners' option declarations, never listed by hand."""

    target_class = ProvisionerOptions

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        known = [{"title": slug, **each.schema} for slug, each in provisioners.all().items()]
        return known[0] if len(known) == 1 else {"anyOf": known}


class ProvisionerSlugSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]  # its metaclass hook is untyped
    target_class = ProvisionerSlug

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        return {"type": "string", "enum": list(provisioners.all())}
