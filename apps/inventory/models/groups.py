"""Auto Scaling groups and their instances."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models

from apps.cloud.naming import parse
from apps.inventory.models.clusters import Cluster
from apps.inventory.models.synced import Synced


class Group(Synced):
    """An Auto Scaling group. `cluster` is empty when its name does not follow the grammar: shown, and left alone."""

    KEY: ClassVar[str] = "name"

    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, null=True, related_name="groups")
    name = models.CharField(max_length=255)
    arn = models.CharField(max_length=1600)
    created_at = models.DateTimeField()
    min_size = models.PositiveIntegerField()
    max_size = models.PositiveIntegerField()
    desired = models.PositiveIntegerField()
    instance_count = models.PositiveIntegerField(default=0)
    in_service_count = models.PositiveIntegerField(default=0)
    launch_template_id = models.CharField(max_length=255, blank=True)
    launch_template_name = models.CharField(max_length=255, blank=True)
    launch_template_version = models.CharField(max_length=32, blank=True)  # as the group names it: number, $Latest
    instance_type = models.CharField(max_length=64, blank=True)
    image_id = models.CharField(max_length=32, blank=True)  # of its template's version, else of its instances
    health_check_type = models.CharField(max_length=64, blank=True)
    status = models.CharField(max_length=64, blank=True)  # "Delete in progress", else empty
    suspended = models.JSONField(default=dict)  # process name to AWS's reason
    traffic_sources = models.JSONField(default=list)  # [{identifier, via, type}]
    zones = models.JSONField(default=list)
    tags = models.JSONField(default=dict)
    details = models.JSONField(default=dict)  # further members of the describe, in AWS's names, for display

    class Meta:
        ordering = ["name", "environment_id", "region", "id"]
        constraints = [models.UniqueConstraint(fields=["environment", "region", "name"], name="one_group_per_name")]
        indexes = [
            models.Index(fields=["name", "environment", "region", "id"], name="group_order"),
            models.Index(fields=["cluster", "created_at"], name="group_of_cluster"),
            models.Index(fields=["image_id"], name="group_by_image"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def sequence(self) -> int | None:
        """Its push number; None when its name has none."""
        parsed = parse(self.name)
        return parsed.sequence if parsed else None


class Instance(Synced):
    """An EC2 instance, as EC2, its Auto Scaling group and its target groups see it."""

    KEY: ClassVar[str] = "instance_id"

    group = models.ForeignKey(Group, on_delete=models.SET_NULL, null=True, related_name="instances")
    instance_id = models.CharField(max_length=32)
    zone = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=32)  # EC2's: pending, running, ...
    lifecycle_state = models.CharField(max_length=32, blank=True)  # Auto Scaling's; empty outside of a group
    health_status = models.CharField(max_length=32, blank=True)  # Auto Scaling's: Healthy, Unhealthy
    protected = models.BooleanField(default=False)
    private_ip = models.CharField(max_length=45, blank=True)
    image_id = models.CharField(max_length=32, blank=True)
    instance_type = models.CharField(max_length=64, blank=True)
    launch_template_version = models.CharField(max_length=32, blank=True)
    launched_at = models.DateTimeField(null=True)
    # target group ARN, or classic load balancer name, to {state, reason, description}; written by reads of target
    # health, not of the instance
    target_health = models.JSONField(default=dict)
    tags = models.JSONField(default=dict)
    details = models.JSONField(default=dict)  # what it was launched with, in AWS's names, for display

    class Meta:
        ordering = ["instance_id", "id"]
        constraints = [
            models.UniqueConstraint(fields=["environment", "region", "instance_id"], name="one_instance_per_id"),
        ]
        indexes = [
            models.Index(fields=["instance_id", "id"], name="instance_order"),
            models.Index(fields=["group", "instance_id"], name="instance_of_group"),
            models.Index(fields=["image_id"], name="instance_by_image"),
            GinIndex(fields=["target_health"], name="instance_by_target_group"),
        ]

    def __str__(self) -> str:
        return self.instance_id

    @property
    def in_service(self) -> bool:
        """In service and healthy for its Auto Scaling group."""
        return self.lifecycle_state == "InService" and self.health_status == "Healthy"
