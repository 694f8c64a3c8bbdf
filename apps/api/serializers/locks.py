"""Who holds a cluster, who waits for it, and what is only changed for a while, in JSON."""

from __future__ import annotations

from rest_framework import serializers

from apps.api.serializers.base import Flag, StrictSerializer, Text
from apps.api.serializers.deployments import DeploymentDetailSerializer
from apps.workflows.models import Lock
from apps.workflows.selectors import Owed, why_stuck


class LockSerializer(serializers.Serializer[Lock]):
    """Who changes a cluster now."""

    owner = serializers.CharField()
    run = serializers.IntegerField(source="run_id")
    name = serializers.CharField(source="run.name", help_text="What people call it, as `push 87`.")
    reason = serializers.CharField()
    taken_at = serializers.DateTimeField()
    stuck = serializers.SerializerMethodField(help_text="Why it does not go on by itself; empty while it does.")

    def get_stuck(self, row: Lock) -> str:
        return why_stuck(row.run)


class OwedSerializer(serializers.Serializer[Owed]):
    """Something changed of a group for a while."""

    sentence = serializers.CharField()
    owner = serializers.CharField()
    run = serializers.IntegerField()
    since = serializers.DateTimeField()
    back_by = serializers.DateTimeField(
        allow_null=True, help_text="An estimate; without earlier runs to go by when its owner gives up."
    )
    kept = serializers.CharField(help_text="Why it rightly stays so for longer; empty otherwise.")
    trouble = serializers.CharField(help_text="What is done about it, where it should be back but is not.")


class UnlockInput(StrictSerializer):
    """Breaks the lock of a cluster."""

    confirm = Text(max_length=255, help_text="The cluster's name.")
    reason = Text(max_length=1000)
    force = Flag(default=False, help_text="Stop it although it goes on by itself.")


class UnlockedSerializer(serializers.Serializer[object]):
    """What was stopped."""

    deployment = DeploymentDetailSerializer(allow_null=True, help_text="Null: it was a repair.")
