"""What an application's instances are told when they start, as people wrote it: every version, none ever changed."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from apps.inventory.models.applications import Application


class UserData(models.Model):
    """One version of the user data template of an application; the one with the highest number holds.

    An empty text says that there is none from then on: user data stays as it is in the launch template.
    """

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="user_data")
    number = models.PositiveIntegerField()  # from 1, for each application
    text = models.TextField(blank=True)  # as `apps.inventory.user_data.language` reads it
    variables = models.JSONField(default=dict, blank=True)  # environment's name to values by name; they may be secret
    prefix = models.CharField(max_length=32, blank=True)
    actor = models.CharField(max_length=150)
    reason = models.TextField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["application", "number"], name="one_user_data_per_number")]

    def __str__(self) -> str:
        return f"user data {self.number} of {self.application.name}"
