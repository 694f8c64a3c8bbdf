"""User data templates in JSON. Texts and values may be secret: only what operators ask to read has them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.api.serializers.base import ReadSerializer, StrictSerializer, Text, TextMap
from apps.api.serializers.links import Link
from apps.inventory.models import UserData
from apps.inventory.services.user_data_checks import LONGEST_PREFIX, LONGEST_TEXT
from apps.inventory.services.user_data_templates import digest

MOST = 2_147_483_647  # what a version's number may be


class UserDataVersionSerializer(ReadSerializer[UserData]):
    """One version of an application's template, without its text and the values of its variables."""

    application_url = Link("application-detail", name="application.name")
    application = serializers.CharField(source="application.name")
    version = serializers.IntegerField(source="number")
    bytes = serializers.SerializerMethodField(help_text="Of the template; 0 where it was taken away.")
    digest = serializers.SerializerMethodField(help_text="Tells whether two versions have the same text.")
    variable_names = serializers.SerializerMethodField(help_text="By environment, without their values.")

    class Meta:
        model = UserData
        fields = [
            "application_url",
            "application",
            "version",
            "bytes",
            "digest",
            "prefix",
            "variable_names",
            "actor",
            "reason",
            "created_at",
        ]

    def get_bytes(self, row: UserData) -> int:
        return len(row.text.encode())

    def get_digest(self, row: UserData) -> str:
        return digest(row.text)

    def get_variable_names(self, row: UserData) -> dict[str, list[str]]:
        return {name: sorted(own) for name, own in row.variables.items()}


class RenderedPlaceSerializer(serializers.Serializer[Any]):
    """What one place gets, by its size and a digest: two places with one digest get the same."""

    environment = serializers.CharField()
    region = serializers.CharField()
    cluster = serializers.CharField()
    bytes = serializers.IntegerField(allow_null=True, help_text="Null where nothing comes out.")
    digest = serializers.CharField(allow_blank=True)
    problem = serializers.CharField(allow_blank=True, help_text="Why nothing comes out.")


class UserDataSerializer(UserDataVersionSerializer):
    """The version that holds, what looks like a secret in it, and what each place gets."""

    url = Link("application-user-data", name="application.name")
    warnings = serializers.ListField(child=serializers.CharField(), help_text="What looks like a secret, in sentences.")
    places = RenderedPlaceSerializer(many=True)

    class Meta(UserDataVersionSerializer.Meta):
        fields = ["url", *UserDataVersionSerializer.Meta.fields, "warnings", "places"]


class UserDataChange(StrictSerializer):
    """What can be written; what is left out is taken over from the version before."""

    text = Text(
        required=False,
        allow_blank=True,
        trim_whitespace=False,
        max_length=LONGEST_TEXT,
        help_text="`${name}` is a placeholder, `$$` a dollar. Empty: user data is left as it is.",
    )
    prefix = Text(
        required=False, allow_blank=True, max_length=LONGEST_PREFIX, help_text="Of `${prefix}`, `${exports}`."
    )
    variables = serializers.DictField(
        child=TextMap(), required=False, help_text="By environment, name to value; one that is not named keeps its own."
    )
    reason = Text(max_length=500, help_text="Why; it stays with the version.")


class ReadUserDataInput(StrictSerializer):
    """Which version is read."""

    version = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=MOST, help_text="Null: the newest."
    )


class UserDataTextSerializer(serializers.Serializer[Any]):
    """A version as it was written; that it was read is recorded."""

    application = serializers.CharField(source="application.name")
    version = serializers.IntegerField(source="number")
    prefix = serializers.CharField(allow_blank=True)
    text = serializers.CharField(allow_blank=True, help_text="It may hold secrets.")
    variables = serializers.DictField(child=serializers.DictField(child=serializers.CharField()))


class RenderInput(ReadUserDataInput):
    """For which group user data is made."""

    environment = Text(max_length=64)
    region = Text(max_length=32)
    cluster = Text(max_length=255)
    image = Text(max_length=32, allow_blank=True, default="", help_text="Empty: the one that the cluster has now.")


class RenderedSerializer(serializers.Serializer[Any]):
    """What a group would get; that it was read is recorded."""

    version = serializers.IntegerField(source="number", help_text="Of the template.")
    bytes = serializers.IntegerField(source="size")
    text = serializers.CharField(help_text="It may hold secrets.")
    identity = serializers.DictField(child=serializers.CharField(), source="identity.values")


class ChangedUserDataSerializer(serializers.Serializer[Any]):
    """What a deployment changed; that it was read is recorded."""

    version = serializers.IntegerField(source="number", help_text="Of the template.")
    before = serializers.CharField(allow_blank=True, help_text="As AWS has it now. It may hold secrets.")
    after = serializers.CharField(help_text="It may hold secrets.")
    problem = serializers.CharField(allow_blank=True, help_text="Why what was before is not told.")
