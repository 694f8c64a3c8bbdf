"""The append-only record of who did what to what: audit trail and outbox in one table."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models
from django.db.models.functions import Now


class AppendOnly(TypeError):
    """Events are written once: they are neither changed nor deleted. A database trigger says the same."""


class EventQuerySet(models.QuerySet["Event"]):
    """Reads and appends; refuses the rest early, with a clearer message than the trigger's."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnly("events are never changed; append another one")

    def delete(self) -> NoReturn:
        raise AppendOnly("events are never deleted")


class Event(models.Model):
    """One thing that happened. The actor is text: a record outlives the account that made it."""

    at = models.DateTimeField(db_default=Now())  # the database's clock, as for everything else
    began_at = models.DateTimeField(null=True)  # of what a step did: `at` is when it had ended
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

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["environment", "region", "cluster", "-id"]),
            models.Index(fields=["run", "id"]),
            models.Index(fields=["kind", "-id"]),
            models.Index(fields=["actor", "-id"]),
            models.Index(fields=["at"]),
        ]

    def __str__(self) -> str:
        return self.summary

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly("events are never changed; append another one")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly("events are never deleted")
