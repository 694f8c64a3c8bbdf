"""Launch templates. A version never changes once made, so it is read once and kept."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from apps.inventory.models.environments import Environment
from apps.inventory.models.synced import Synced


class LaunchTemplate(Synced):
    """A launch template and the numbers of its default and latest version."""

    KEY: ClassVar[str] = "template_id"

    template_id = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    default_version = models.PositiveIntegerField()
    latest_version = models.PositiveIntegerField()
    created_at = models.DateTimeField()
    tags = models.JSONField(default=dict)
    versions_read_at = models.DateTimeField(null=True)  # when all its versions were read last
    versions_read_to = models.PositiveIntegerField(default=0)  # the latest there was then

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["environment", "region", "template_id"], name="one_template_per_id"),
        ]

    def __str__(self) -> str:
        return self.name


class LaunchTemplateVersion(models.Model):
    """What one version launches."""

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="+")
    region = models.CharField(max_length=32)
    template_id = models.CharField(max_length=255)
    version = models.PositiveIntegerField()
    image_id = models.CharField(max_length=255, blank=True)  # an AMI, or `resolve:ssm:...`
    instance_type = models.CharField(max_length=64, blank=True)
    description = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["template_id", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["environment", "region", "template_id", "version"], name="one_template_version_per_number"
            ),
        ]
        indexes = [models.Index(fields=["image_id"], name="template_version_by_image")]

    def __str__(self) -> str:
        return f"{self.template_id} version {self.version}"
