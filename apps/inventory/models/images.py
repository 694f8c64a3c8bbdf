"""AMIs, with what their tags say of the software inside."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from apps.inventory.models.synced import Synced


class Image(Synced):
    """An AMI an environment owns, was given, or runs."""

    class Source(models.TextChoices):
        """How the environment's account comes to know it."""

        OWNED = "owned"
        SHARED = "shared"  # with launch permission for this account by name
        RUN = "run"  # something here runs it: it is public, an organization's, or was given once

    KEY: ClassVar[str] = "image_id"

    image_id = models.CharField(max_length=32)
    name = models.CharField(max_length=255, blank=True)
    owner = models.CharField(max_length=64, blank=True)  # account id
    state = models.CharField(max_length=32)
    architecture = models.CharField(max_length=32, blank=True)
    description = models.TextField(blank=True)
    public = models.BooleanField(default=False)
    source = models.CharField(max_length=16, choices=Source, default=Source.RUN)
    created_at = models.DateTimeField()  # 1970 when AWS does not tell
    tags = models.JSONField(default=dict)
    # from the tags application, version, commit and build, or from one tag appversion (see apps.inventory.appversion)
    application = models.CharField(max_length=255, blank=True)
    version = models.CharField(max_length=255, blank=True)
    commit = models.CharField(max_length=64, blank=True)
    build = models.CharField(max_length=255, blank=True)

    class Meta:
        ordering = ["-created_at", "image_id", "id"]
        constraints = [models.UniqueConstraint(fields=["environment", "region", "image_id"], name="one_image_per_id")]
        indexes = [
            models.Index(fields=["-created_at", "image_id", "id"], name="image_order"),
            models.Index(fields=["application", "-created_at"], name="image_of_application"),
            models.Index(fields=["image_id"], name="image_by_id"),
        ]

    @property
    def launchable(self) -> bool:
        """Whether the environment may launch it, as far as a read of all AMIs tells; a push asks AWS afresh."""
        return self.state == "available" and (self.public or self.source != self.Source.RUN)

    def __str__(self) -> str:
        return self.name or self.image_id
