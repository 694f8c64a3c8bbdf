"""What differs between two AMIs, in JSON."""

from __future__ import annotations

from rest_framework import serializers

from apps.api.serializers.base import StrictSerializer, Text
from apps.images.commits import Commit, Commits, Ticket
from apps.images.selectors.diff import KINDS, Change, Changes, ImageDiff, Side, Value


class Against(StrictSerializer):
    """Which AMI the other one is compared with."""

    against = Text(max_length=32, help_text="The AMI from which changes are told, to the one in the address.")


class SideSerializer(serializers.Serializer[Side]):
    """One of the two; what is not known of it is empty or null."""

    image_id = serializers.CharField()
    application = serializers.CharField()
    version = serializers.CharField()
    commit = serializers.CharField()
    build = serializers.CharField()
    build_url = serializers.CharField()
    architecture = serializers.CharField()
    bake = serializers.IntegerField(allow_null=True, help_text="Null where it was not baked here.")
    base_image = serializers.CharField(help_text="The AMI that it was made upon.")
    base = serializers.CharField(help_text="What that is called here.")
    manifest = serializers.BooleanField(help_text="It is known what is installed in it.")


class ValueSerializer(serializers.Serializer[Value]):
    name = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()


class ChangeSerializer(serializers.Serializer[Change]):
    """A package that differs. `changed` is a version of which nobody can say whether it is the newer."""

    kind = serializers.ChoiceField(KINDS)
    name = serializers.CharField()
    before = serializers.CharField(help_text="Version; empty where it was not there.")
    after = serializers.CharField()


class PackagesSerializer(serializers.Serializer[Changes]):
    """The packages of one manager."""

    manager = serializers.CharField(source="of", help_text="As `deb`, `rpm` or `python`.")
    changes = ChangeSerializer(many=True)
    unchanged = serializers.IntegerField()


class FileChangeSerializer(serializers.Serializer[Change]):
    kind = serializers.ChoiceField(("changed", "added", "removed"))
    path = serializers.CharField(source="name")


class FilesSerializer(serializers.Serializer[Changes]):
    changes = FileChangeSerializer(many=True)
    unchanged = serializers.IntegerField()


class ImageDiffSerializer(serializers.Serializer[ImageDiff]):
    """From `before` to `after`. What is not known is said in `unknown`, and is no difference."""

    before = SideSerializer()
    after = SideSerializer()
    base_changed = serializers.BooleanField(allow_null=True, help_text="Null where it is not known.")
    attributes = ValueSerializer(many=True, source="values", help_text="Attributes and tags that differ.")
    packages = PackagesSerializer(many=True, help_text="By manager; empty where it is not known what is installed.")
    files = FilesSerializer(allow_null=True, help_text="Configuration files; null where they are not known.")
    unknown = serializers.ListField(child=serializers.CharField())


class CommitSerializer(serializers.Serializer[Commit]):
    id = serializers.CharField()
    title = serializers.CharField()
    author = serializers.CharField()
    at = serializers.CharField(help_text="ISO 8601.")
    url = serializers.CharField(help_text="Empty where the commit comes from a clone.")
    tickets = serializers.ListField(child=serializers.CharField())


class TicketSerializer(serializers.Serializer[Ticket]):
    id = serializers.CharField()
    url = serializers.CharField(help_text="Empty where the recipe tells no address.")
    commits = serializers.IntegerField(help_text="How many of the listed commits name it.")


class CommitsSerializer(serializers.Serializer[Commits]):
    """Newest first, at most 500 each way. `problem` says why nothing is known."""

    added = CommitSerializer(many=True, help_text="What the AMI in the address has, and `against` has not.")
    added_total = serializers.IntegerField()
    removed = CommitSerializer(many=True, help_text="The other way round.")
    removed_total = serializers.IntegerField()
    tickets = TicketSerializer(many=True)
    problem = serializers.CharField()
    note = serializers.CharField(help_text="What is missing from the answer.")
