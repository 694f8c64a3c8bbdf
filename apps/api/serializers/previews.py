"""What would be done, in JSON."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class FindingSerializer(serializers.Serializer[Any]):
    """What pre-flight saw: `refuse` stops it, `warn` should be read first, `note` is worth knowing.

    An `overridable` refusal is let through, as `overridden`, when `overrides` names its code and a reason is given.
    """

    level = serializers.ChoiceField(["refuse", "overridden", "warn", "note"])
    code = serializers.CharField()
    text = serializers.CharField()
    subject = serializers.CharField()
    overridable = serializers.BooleanField(default=False)


class PlannedStepSerializer(serializers.Serializer[Any]):
    """A step that would be taken."""

    kind = serializers.CharField()
    title = serializers.CharField()
    changes = serializers.ListField(child=serializers.CharField(), help_text="What it would change on AWS, in words.")
    irreversible = serializers.BooleanField()
    timeout_seconds = serializers.FloatField(allow_null=True)
    expected_seconds = serializers.FloatField(allow_null=True, help_text="Null where no earlier run tells.")


class PreviewedUserDataSerializer(serializers.Serializer[Any]):
    """What becomes of the user data, without its text."""

    version = serializers.IntegerField(source="number", help_text="Of the application's template.")
    lines_added = serializers.IntegerField(source="count.added")
    lines_removed = serializers.IntegerField(source="count.removed")


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
    expected_seconds = serializers.FloatField(allow_null=True, help_text="Null where no earlier run tells.")
    user_data = PreviewedUserDataSerializer(allow_null=True, help_text="Null where it is left as it is.")

    def get_possible(self, preview: Any) -> bool:
        return not preview.refusals
