"""Clusters in JSON: a line for lists, and the whole with its groups side by side."""

from __future__ import annotations

from typing import Any, get_args

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.api.serializers.base import ReadSerializer
from apps.api.serializers.deployments import DeploymentSerializer, RollbackOfferSerializer
from apps.api.serializers.freezes import FreezeSerializer
from apps.api.serializers.links import Link
from apps.api.serializers.locks import LockSerializer, OwedSerializer
from apps.api.serializers.placed import PLACE
from apps.inventory.models import Cluster, Group, Instance
from apps.inventory.selectors import standing
from apps.inventory.selectors.clusters import GroupView
from apps.inventory.selectors.words import condition

KNOWN = "False until AWS was asked about all that may send it traffic: then a group may serve that is not in `serving`."


class ServingSerializer(serializers.Serializer[standing.Served]):
    """A group that serves: at least one healthy instance behind a listener that sends it requests."""

    group = serializers.CharField()
    version = serializers.CharField(help_text="What its AMI's tags call the version; else the AMI's id.")
    healthy = serializers.IntegerField(help_text="How many of its instances are healthy.")
    total = serializers.IntegerField(
        help_text="How many should be: its desired capacity, or all that stay, where more do."
    )


class ListedGroupSerializer(ReadSerializer[Group]):
    """A group, as a line about its cluster needs it."""

    url = Link("group-detail", environment="cluster.environment.name", region="region", name="name")
    desired_capacity = serializers.IntegerField(source="desired")

    class Meta:
        model = Group
        fields = ["url", "name", "image_id", "desired_capacity", "instance_count", "in_service_count", "created_at"]


class ClusterSerializer(ReadSerializer[Cluster]):
    url = Link("cluster-detail", **PLACE, name="name")
    environment = serializers.CharField(source="environment.name")
    application = serializers.CharField(source="application.name")
    sentence = serializers.SerializerMethodField(help_text="How it is, in words.")
    serving = ServingSerializer(many=True, help_text="The groups that serve; more than one during a push.")
    serving_known = serializers.BooleanField(help_text=KNOWN)
    groups = ListedGroupSerializer(source="current_groups", many=True, help_text="Oldest first.")

    class Meta:
        model = Cluster
        fields = [
            "url",
            "environment",
            "region",
            "name",
            "application",
            "stack",
            "detail",
            "sentence",
            "serving",
            "serving_known",
            "groups",
        ]

    def get_sentence(self, row: Cluster) -> str:
        unread = not getattr(row, "serving_known", True)
        return standing.sentence(standing.standing_groups(row), getattr(row, "serving", ()), unread)


class MemberSerializer(serializers.Serializer[Instance]):
    """One instance of a group, with one word for how it is."""

    url = Link("instance-detail", **PLACE, name="instance_id")
    instance_id = serializers.CharField()
    zone = serializers.CharField()
    condition = serializers.SerializerMethodField(help_text="The worst that EC2, its group or a target group says.")
    reason = serializers.SerializerMethodField(help_text="Why, in a sentence; empty when healthy.")

    @extend_schema_field({"type": "string", "enum": ["healthy", "starting", "unhealthy", "draining", "stopped"]})
    def get_condition(self, row: Instance) -> str:
        return condition(row).word

    def get_reason(self, row: Instance) -> str:
        return condition(row).reason


class GroupColumnSerializer(serializers.Serializer[GroupView]):
    """One group of a cluster, to be compared with its neighbours."""

    url = Link("group-detail", environment="group.environment.name", region="group.region", name="group.name")
    name = serializers.CharField(source="group.name")
    state = serializers.SerializerMethodField()
    version = serializers.CharField(help_text="What its AMI's tags call the version; else the AMI's id.")
    commit = serializers.CharField(source="image.commit", default="")
    image_id = serializers.CharField(source="group.image_id")
    created_at = serializers.DateTimeField(source="group.created_at")
    traffic_share = serializers.FloatField(
        source="traffic.fraction", help_text="The part of its cluster's requests that it takes, 0 to 1."
    )
    healthy = serializers.SerializerMethodField(help_text="How many of its instances are healthy.")
    min_size = serializers.IntegerField(source="group.min_size")
    desired_capacity = serializers.IntegerField(source="group.desired")
    max_size = serializers.IntegerField(source="group.max_size")
    instances = MemberSerializer(many=True)
    kept_until = serializers.SerializerMethodField(
        help_text="When a kept group is deleted; null while it is not kept, or is kept until the next push."
    )
    borrowed = serializers.SerializerMethodField(help_text="What is changed for a while: by whom, and until when.")
    synced_at = serializers.DateTimeField(source="group.read_at")

    @extend_schema_field({"type": "string", "enum": list(get_args(standing.GroupWord))})
    def get_state(self, view: GroupView) -> str:
        return standing.group_word(view, kept=self._kept, rising=self.context.get("rising", ""))

    def get_healthy(self, view: GroupView) -> int:
        return standing.served(view).healthy

    @extend_schema_field({"type": "string", "format": "date-time", "nullable": True})
    def get_kept_until(self, view: GroupView) -> Any:
        return self._kept.get(view.group.name)

    @extend_schema_field(OwedSerializer(many=True))
    def get_borrowed(self, view: GroupView) -> Any:
        owed = self.context.get("borrowed", {}).get(view.group.name, ())
        return OwedSerializer(owed, many=True).data

    @property
    def _kept(self) -> dict[str, Any]:
        kept: dict[str, Any] = self.context.get("kept", {})
        return kept


class ClusterDetailSerializer(serializers.Serializer[Any]):
    """A cluster with its groups side by side. The copies shown are `synced_at` old; changes read AWS afresh."""

    url = Link("cluster-detail", environment="cluster.environment.name", region="cluster.region", name="cluster.name")
    policy_url = Link(
        "cluster-policy", environment="cluster.environment.name", region="cluster.region", name="cluster.name"
    )
    environment = serializers.CharField(source="cluster.environment.name")
    region = serializers.CharField(source="cluster.region")
    name = serializers.CharField(source="cluster.name")
    application = serializers.CharField(source="cluster.application.name")
    stack = serializers.CharField(source="cluster.stack")
    detail = serializers.CharField(source="cluster.detail")
    sentence = serializers.CharField(help_text="How it is, in words.")
    serving = ServingSerializer(many=True, help_text="The groups that serve; more than one during a push.")
    serving_known = serializers.BooleanField(help_text=KNOWN)
    groups = GroupColumnSerializer(many=True, help_text="Oldest first.")
    running = DeploymentSerializer(allow_null=True, help_text="The deployment that changes it now.")
    rollback = RollbackOfferSerializer()
    lock = LockSerializer(allow_null=True, help_text="Null while nobody changes it.")
    queue = DeploymentSerializer(many=True, help_text="Those that wait for it, in the order of their turns.")
    freezes = FreezeSerializer(many=True, help_text="The freezes that are on for it.")
    synced_at = serializers.DateTimeField(source="age.read_at", allow_null=True)
    stale = serializers.BooleanField(source="age.stale", help_text="Several syncs were missed.")
