"""How an application's images are made, and the approved base images that they are made from."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from apps.inventory.models import Application, Environment


class BaseImage(models.Model):
    """One AMI that may be baked upon under a name, e.g. `debian-12` for arm64; the newest that stands is the latest."""

    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, related_name="base_images")
    region = models.CharField(max_length=32)
    name = models.CharField(max_length=64)
    version = models.CharField(max_length=64, blank=True)  # what people call this one
    architecture = models.CharField(max_length=16)  # x86_64 or arm64
    image_id = models.CharField(max_length=32)
    approved_by = models.CharField(max_length=150)
    approved_at = models.DateTimeField(db_default=Now())
    withdrawn_by = models.CharField(max_length=150, blank=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["environment", "region", "name", "image_id"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="one_base_image_approved",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version or self.image_id} ({self.architecture})"


class Recipe(models.Model):
    """How an application's package becomes an image: where, upon which base, by which provisioner. One each."""

    application = models.OneToOneField(Application, on_delete=models.CASCADE, related_name="recipe")
    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, related_name="recipes")  # that bakes
    region = models.CharField(max_length=32)
    copies = models.JSONField(default=list)  # other regions of that environment that get a copy
    base = models.CharField(max_length=64)  # a base image's name
    base_pinned = models.CharField(max_length=32, blank=True)  # one of its AMIs; empty: the latest approved
    architecture = models.CharField(max_length=16, default="x86_64")
    provisioner = models.CharField(max_length=32)  # the slug of an `apps.images.provisioners` one
    repository = models.CharField(max_length=1000, blank=True)  # as the provisioner understands it
    options = models.JSONField(default=dict)  # of the provisioner, complete
    package = models.CharField(max_length=255, blank=True)  # empty: called as the application
    instance_type = models.CharField(max_length=32, default="t3.small")
    subnet = models.CharField(max_length=32, blank=True)  # empty: the region's default one
    security_groups = models.JSONField(default=list)
    instance_profile = models.CharField(max_length=255, blank=True)
    bucket = models.CharField(max_length=63, blank=True)  # that takes the builder's whole log; empty: its console does
    timeout_seconds = models.PositiveIntegerField(default=1800)
    gates = models.JSONField(default=list)  # names of gates that a build must have passed to be pushed
    git = models.CharField(max_length=1000, blank=True)  # a local clone's folder, or a GitHub or GitLab project
    ticket_pattern = models.CharField(max_length=255, blank=True)  # a regular expression, e.g. [A-Z]+-[0-9]+
    ticket_url = models.CharField(max_length=1000, blank=True)  # with {ticket}
    check_first = models.BooleanField(default=False)  # a bake begins with a check of the package
    check_root = models.CharField(
        max_length=64, blank=True
    )  # the distribution, as debian-12; empty: as the base is called
    check_start = models.CharField(max_length=1000, blank=True)  # a command that starts the service
    check_path = models.CharField(max_length=255, blank=True)  # that the service must answer; empty: it is not asked
    check_port = models.PositiveIntegerField(default=8080)
    check_command = models.CharField(max_length=1000, blank=True)  # that must succeed; empty: none
    check_seconds = models.PositiveIntegerField(default=10)  # within which the service must be well
    changed_by = models.CharField(max_length=150, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"recipe of {self.application}"
