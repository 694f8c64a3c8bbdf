"""What every table copied from the cloud has in common."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models

from apps.inventory.models.environments import Environment


class Synced(models.Model):
    """A copy of one AWS resource, for display only: decisions read AWS fresh.

    `read_at` is when the read began that last wrote the row, on the database's clock: an older read never overwrites
    a newer one. `digest` is of what AWS said, so that an unchanged resource is not written again. `gone_at` is when a
    read first found it missing; such rows are kept a while and shown nowhere by default.
    """

    KEY: ClassVar[str]  # the field that names the resource within its environment and region

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="+")
    region = models.CharField(max_length=32)
    read_at = models.DateTimeField()
    digest = models.CharField(max_length=32)
    gone_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[Self]] = models.Manager()

    class Meta:
        abstract = True
