"""Quick checks of packages, before any image is baked of them."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from apps.images.models.builds import Build, Gate
from apps.workflows.models import Run


class PackageCheck(models.Model):
    """One package's version, tried in a throwaway root. While `outcome` is empty its run goes on.

    `run` is its own, or that of the bake which began with it; skipped is "not offered".
    """

    joined = False  # whether a request was answered with it, rather than started it

    build = models.ForeignKey(Build, null=True, on_delete=models.PROTECT, related_name="checks")
    run = models.OneToOneField(Run, on_delete=models.PROTECT, related_name="package_check")
    recipe = models.JSONField()  # the recipe as it was
    package = models.CharField(max_length=255)
    version = models.CharField(max_length=255)
    outcome = models.CharField(max_length=16, choices=Gate.Outcome, blank=True)
    says = models.TextField(blank=True)  # how it ended, in a sentence
    way = models.CharField(max_length=32, blank=True)  # the slug of an `apps.images.checks` way
    seconds = models.FloatField(null=True)  # that it took
    installed = models.JSONField(default=dict)  # "manager:name" → version of what was not there before
    log = models.TextField(blank=True)
    log_cut = models.PositiveIntegerField(default=0)  # bytes of it that were lost
    actor = models.CharField(max_length=150)
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["build", "-id"], name="check_of_build")]

    def __str__(self) -> str:
        return f"check {self.pk} of {self.package} {self.version}"
