"""Deployments: pushes, rollbacks, clean-ups, changes and scaffolds of a cluster, each carried out by a run."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from apps.inventory.models import Cluster
from apps.workflows.models import Run


class Deployment(models.Model):
    """One change of a cluster that somebody asked for. Its state is its run's."""

    class Kind(models.TextChoices):
        PUSH = "push", "Push"
        ROLLBACK = "rollback", "Rollback"
        CLEAN_UP = "clean-up", "Clean-up"
        CHANGE = "change", "Change"  # of one group, by hand
        SCAFFOLD = "scaffold", "Scaffold"  # what a cluster needs before its first push
        REMOVAL = "removal", "Removal"  # of what scaffolding made

    MOVES = frozenset({Kind.PUSH, Kind.ROLLBACK})  # kinds that move traffic from one group to another

    kind = models.CharField(max_length=16, choices=Kind.choices)
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="deployments")
    strategy = models.CharField(max_length=64)
    operation = models.CharField(max_length=64, blank=True)  # of a change: what is done to `from_group`
    options = models.JSONField(default=dict)  # complete, defaults filled in
    actor = models.CharField(max_length=150)
    reason = models.TextField(blank=True)
    from_group = models.CharField(max_length=255, blank=True)  # the group that gives its traffic away
    to_group = models.CharField(max_length=255, blank=True)  # the group that takes it
    from_image = models.CharField(max_length=32, blank=True)
    to_image = models.CharField(max_length=32, blank=True)
    from_version = models.CharField(max_length=128, blank=True)
    to_version = models.CharField(max_length=128, blank=True)
    user_data = models.PositiveIntegerField(null=True)  # the version of its application's template that it used
    overrides = models.JSONField(default=list)  # codes of findings that shall not stop it
    findings = models.JSONField(default=list)  # what pre-flight warned about, and what was overridden
    undoes = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="undone_by")
    run = models.OneToOneField(Run, on_delete=models.PROTECT, related_name="deployment")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["cluster", "-id"]), models.Index(fields=["kind", "-id"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} of {self.cluster.name}"

    @property
    def in_place(self) -> bool:
        """Whether it replaced a group's own instances, so that no other group can take the traffic back."""
        return bool(self.to_group) and self.from_group == self.to_group


class ClusterPolicy(models.Model):
    """How a cluster is to be changed: made by people, one row a cluster; without one the defaults here hold."""

    cluster = models.OneToOneField(Cluster, on_delete=models.CASCADE, related_name="policy")
    traffic_driver = models.CharField(max_length=32, blank=True)  # empty: by what its groups are attached to
    min_healthy_percent = models.PositiveIntegerField(default=100)  # of the load, that an act of ours must leave
    min_healthy_percent_per_zone = models.PositiveIntegerField(default=0)  # of a zone's share of it
    fewest_instances = models.PositiveIntegerField(null=True)  # null: as the environment's kind asks for
    fewest_zones = models.PositiveIntegerField(null=True)
    changed_by = models.CharField(max_length=150, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"policy of {self.cluster}"


class KeptGroup(models.Model):
    """A group out of traffic that stands by for a rollback, until `until` (null: until the next push)."""

    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="kept_groups")
    name = models.CharField(max_length=255)
    arn = models.CharField(max_length=512)
    deployment = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="kept")
    until = models.DateTimeField(null=True)  # also when its deletion, once refused, is tried again
    tries = models.PositiveIntegerField(default=0)  # how often clean-ups began to delete it
    created_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)  # it serves again, or is gone

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["arn"], condition=models.Q(ended_at__isnull=True), name="kept_once")
        ]

    def __str__(self) -> str:
        return f"{self.name}, kept by deployment {self.deployment_id}"


class ScaffoldPart(models.Model):
    """Something on AWS that scaffolding made for a cluster, or was about to make: written before the call for it.

    `made_at` is null until it was seen to stand; `removed_at` until it was seen to be gone, having been taken away.
    """

    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="scaffold")
    deployment = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="scaffolded")
    noun = models.CharField(max_length=32)
    name = models.CharField(max_length=255)
    settings = models.JSONField(default=dict)
    resource = models.CharField(max_length=512, blank=True)  # ARN or id
    created_at = models.DateTimeField(db_default=Now())
    made_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["cluster", "noun", "name"],
                condition=models.Q(removed_at__isnull=True),
                name="scaffolded_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.noun} {self.name}"


class Calendared(models.Model):
    """What the one calendar holds: whom it concerns, and in which time zone its times were meant.

    Each of environment, application and cluster narrows it down; an empty one means all. They are names, so that an
    entry outlives what it was made for, as events do.
    """

    environment = models.CharField(max_length=64, blank=True)
    application = models.CharField(max_length=255, blank=True)
    cluster = models.CharField(max_length=255, blank=True)
    zone = models.CharField(max_length=64, default="UTC")  # by its name in the IANA database
    actor = models.CharField(max_length=150)
    reason = models.TextField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        abstract = True


class Freeze(Calendared):
    """From `starts_at` until `ends_at`, or until somebody ends it early, nothing is changed but to go back."""

    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # by somebody, before its time
    ended_by = models.CharField(max_length=150, blank=True)
    end_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["-starts_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="freeze_takes_time")
        ]
        indexes = [models.Index(fields=["ends_at"], name="freeze_to_come", condition=models.Q(ended_at__isnull=True))]

    def __str__(self) -> str:
        return f"freeze {self.pk}"
