"""How old the copies are."""

from __future__ import annotations

from django.db import models

from apps.inventory.models.environments import Environment


class SyncState(models.Model):
    """The last region-wide read of one kind of resource in one environment and region.

    Template versions, target health and listeners are read a part a round: of these it is the last round.
    """

    class Kind(models.TextChoices):
        GROUPS = "groups"
        INSTANCES = "instances"
        LAUNCH_TEMPLATES = "launch templates"
        TEMPLATE_VERSIONS = "template versions"
        TARGET_GROUPS = "target groups"
        TARGET_HEALTH = "target health"
        LOAD_BALANCERS = "load balancers"
        LISTENERS = "listeners"
        IMAGES = "images"

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="sync_states")
    region = models.CharField(max_length=32)
    kind = models.CharField(max_length=32, choices=Kind)
    started_at = models.DateTimeField()  # of the last attempt
    finished_at = models.DateTimeField()
    succeeded_at = models.DateTimeField(null=True)  # when the last read that succeeded began: the age of the data
    error = models.TextField(blank=True)  # why the last attempt failed, in a sentence; empty when it succeeded
    seconds = models.FloatField(default=0.0)  # how long the last attempt took
    resources = models.PositiveIntegerField(default=0)  # how many the last success found
    written = models.PositiveIntegerField(default=0)  # how many rows the last success changed

    class Meta:
        ordering = ["environment_id", "region", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["environment", "region", "kind"], name="one_sync_state_per_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} in {self.region}"
