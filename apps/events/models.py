"""The append-only record of who did what to what: audit trail and outbox in one table."""

from __future__ import annotations

from django.db import models


class Event(models.Model):
    """One thing that happened. The actor is text: a record outlives the account that made it."""

    at = models.DateTimeField(auto_now_add=True)
    kind = models.CharField(max_length=64)  # e.g. deployment.started, group.traffic_taken
    actor = models.CharField(max_length=150)
    subject = models.CharField(max_length=255)  # what it happened to, in AWS's name for it
    summary = models.TextField()  # one plain sentence
    reason = models.TextField(blank=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    run = models.BigIntegerField(null=True)  # the workflow run it belongs to; no foreign key upwards
    environment = models.CharField(max_length=64, blank=True)
    region = models.CharField(max_length=32, blank=True)
    cluster = models.CharField(max_length=255, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["environment", "region", "cluster", "-id"]),
            models.Index(fields=["run", "id"]),
            models.Index(fields=["kind", "-id"]),
        ]

    def __str__(self) -> str:
        return self.summary
