"""Clusters: the groups that share a name up to the push number."""

from __future__ import annotations

from django.db import models

from apps.inventory.models.applications import Application
from apps.inventory.models.environments import Environment


class Cluster(models.Model):
    """A cluster of one environment and region. It is kept when its last group is gone: its history stays reachable.

    `health` and `version` (of what serves; empty where nothing does) are as the last read left them, for lists to be
    sorted by; what a page shows of a cluster is told by the rows of its groups and instances.
    """

    class Health(models.IntegerChoices):
        """The worst first."""

        SILENT = 0, "serves nothing"  # though it is behind a load balancer
        LACKING = 1, "lacks instances"  # a group that serves has fewer healthy ones than it wants
        WELL = 2, "well"

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="clusters")
    region = models.CharField(max_length=32)
    name = models.CharField(max_length=255)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="clusters")
    stack = models.CharField(max_length=255, blank=True)
    detail = models.CharField(max_length=255, blank=True)
    refreshed_at = models.DateTimeField(null=True)  # when the last read of this cluster alone began
    refresh_wanted_at = models.DateTimeField(null=True)  # when a refresh was last asked for
    expected_groups = models.JSONField(default=list)  # names that whoever asked told of; perhaps of no row yet
    health = models.PositiveSmallIntegerField(choices=Health, default=Health.WELL)
    version = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "environment_id", "region", "id"]
        constraints = [
            models.UniqueConstraint(fields=["environment", "region", "name"], name="one_cluster_per_name"),
        ]
        indexes = [models.Index(fields=["name", "environment", "region", "id"], name="cluster_order")]

    def __str__(self) -> str:
        return self.name
