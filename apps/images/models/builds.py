"""Builds as CI reports them, with the gates that they passed or did not."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from apps.inventory.models import Application


class Build(models.Model):
    """One build of one package of an application: told by CI, never changed but for its gates and its addresses."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="builds")
    package = models.CharField(max_length=255)
    version = models.CharField(max_length=255)  # exactly as the package manager knows it
    number = models.CharField(max_length=64, blank=True)  # CI's own
    commit = models.CharField(max_length=64, blank=True)
    branch = models.CharField(max_length=255, blank=True)
    url = models.URLField(max_length=1000, blank=True)  # of the build at CI
    changelog = models.TextField(blank=True)
    reported_by = models.CharField(max_length=150)  # a user, or "webhook 3 (jenkins)"
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["application", "package", "version", "number"], name="one_build_reported")
        ]
        indexes = [
            models.Index(fields=["application", "-id"], name="build_of_application"),
            models.Index(fields=["commit"], name="build_by_commit"),
        ]

    def __str__(self) -> str:
        return f"{self.package} {self.version}" + (f" (build {self.number})" if self.number else "")


class Gate(models.Model):
    """What CI says of one gate of a build, as its unit, regression or integration tests; the newest word stands."""

    class Outcome(models.TextChoices):
        RUNNING = "running", "Running"
        PASSED = "passed", "Passed"
        FAILED = "failed", "Failed"
        SKIPPED = "skipped", "Skipped"

    build = models.ForeignKey(Build, on_delete=models.CASCADE, related_name="gates")
    name = models.CharField(max_length=64)  # unit, regression, integration, or whatever else CI calls one
    outcome = models.CharField(max_length=16, choices=Outcome)
    url = models.URLField(max_length=1000, blank=True)
    says = models.CharField(max_length=500, blank=True)  # e.g. "412 passed, 3 failed"
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["build", "name"], name="one_gate_a_name")]

    def __str__(self) -> str:
        return f"{self.name} of {self.build}: {self.outcome}"


class CommitGate(models.Model):
    """What CI said of a gate by the commit alone: whatever is built of the commit takes it, then or later."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="commit_gates")
    commit = models.CharField(max_length=64)
    name = models.CharField(max_length=64)
    outcome = models.CharField(max_length=16, choices=Gate.Outcome)
    url = models.URLField(max_length=1000, blank=True)
    says = models.CharField(max_length=500, blank=True)
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["application", "commit", "name"], name="one_gate_a_name_and_commit")
        ]
        indexes = [models.Index(fields=["updated_at"], name="commit_gate_by_age")]

    def __str__(self) -> str:
        return f"{self.name} of commit {self.commit}: {self.outcome}"


class Webhook(models.Model):
    """An address at which a build server tells of an application's builds, signed with a secret that both know.

    The secret is kept as it is, for both sides need it to make the signature; it is shown once.
    """

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="webhooks")
    format = models.CharField(max_length=32)  # the slug of an `apps.images.webhooks` format
    secret = models.CharField(max_length=64)
    created_by = models.CharField(max_length=150)
    created_at = models.DateTimeField(db_default=Now())
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"webhook {self.pk} ({self.format})"
