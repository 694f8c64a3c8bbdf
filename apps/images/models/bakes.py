"""Bakes: each a run that makes one image and its copies, and what was inside when it was made."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from apps.images.models.builds import Build
from apps.inventory.models import Application, Environment
from apps.workflows.models import Run


class Manifest(models.Model):
    """What is installed in an image: recorded when it was baked, the same for all its copies."""

    packages = models.JSONField()  # "manager:name" → version, e.g. "deb:openssl": "3.0.11-1"
    files = models.JSONField()  # path of a configuration file → SHA-256, hexadecimal
    lost = models.PositiveIntegerField(default=0)  # pieces of it that AWS did not keep
    recorded_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{len(self.packages)} packages, {len(self.files)} files"


class Bake(models.Model):
    """One image that somebody asked for. Its state is its run's; what is asked for again is answered by it.

    `key` is the same for all that would make the same image; `live` is the one bake of a key that answers for it: it is
    under way, or its image stands.
    """

    joined = False  # whether a request was answered with it, rather than started it

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="bakes")
    build = models.ForeignKey(Build, null=True, on_delete=models.PROTECT, related_name="bakes")
    run = models.OneToOneField(Run, on_delete=models.PROTECT, related_name="bake")
    key = models.CharField(max_length=64)  # SHA-256 of all that goes into the image
    live = models.BooleanField(default=True)
    nonce = models.CharField(max_length=32, unique=True)  # the builder prints it when all went well; client token too
    recipe = models.JSONField()  # the recipe as it was, resolved: see services.understood
    package = models.CharField(max_length=255)
    version = models.CharField(max_length=255)
    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, related_name="bakes")
    region = models.CharField(max_length=32)
    architecture = models.CharField(max_length=16)
    base_image = models.CharField(max_length=32)  # AMI id
    image_name = models.CharField(max_length=128)
    actor = models.CharField(max_length=150)
    reason = models.TextField(blank=True)
    builder = models.CharField(max_length=32, blank=True)  # instance id
    log = models.TextField(blank=True)  # the builder's, as far as it was kept
    log_cut = models.PositiveIntegerField(default=0)  # bytes of it that were lost
    manifest = models.ForeignKey(Manifest, null=True, on_delete=models.PROTECT, related_name="bakes")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=models.Q(live=True), name="one_live_bake_a_key")
        ]
        indexes = [
            models.Index(fields=["application", "-id"], name="bake_of_application"),
            models.Index(fields=["build"], name="bake_of_build"),
        ]

    def __str__(self) -> str:
        return f"bake {self.pk} of {self.package} {self.version}"


class BakedImage(models.Model):
    """An AMI that a bake made: the first, or a copy in another region."""

    bake = models.ForeignKey(Bake, on_delete=models.PROTECT, related_name="images")
    region = models.CharField(max_length=32)
    image_id = models.CharField(max_length=32, unique=True)
    snapshots = models.JSONField(default=list)  # ids
    created_at = models.DateTimeField(db_default=Now())
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["bake", "region"], name="one_image_a_region")]

    def __str__(self) -> str:
        return f"{self.image_id} in {self.region}"
