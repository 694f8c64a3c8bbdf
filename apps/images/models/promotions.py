"""Promotions: an AMI with its copies that one environment lets another's account launch."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from apps.images.models.bakes import Bake
from apps.inventory.models import Environment
from apps.workflows.models import Run
from apps.workflows.states import RunState


class Promotion(models.Model):
    """Somebody lets another environment's account launch an AMI, region by region; or has taken that back since.

    `live` is the one promotion of an AMI and a target that counts: it is under way, or it stands. What it was decided
    upon is frozen into `evidence` (see services.evidence), and what was granted into `images`.
    """

    joined = False  # whether a request was answered with it, rather than started it

    image_id = models.CharField(max_length=32)  # the AMI; where a bake made it, the one of the bake's own region
    images = models.JSONField()  # [{region, image_id, snapshots}], a copy a region
    application = models.CharField(max_length=255, blank=True)
    version = models.CharField(max_length=255, blank=True)
    bake = models.ForeignKey(Bake, null=True, on_delete=models.PROTECT, related_name="promotions")
    source = models.ForeignKey(Environment, on_delete=models.PROTECT, related_name="promotions_from")
    target = models.ForeignKey(Environment, on_delete=models.PROTECT, related_name="promotions_to")
    run = models.OneToOneField(Run, on_delete=models.PROTECT, related_name="promotion")
    revocation = models.OneToOneField(Run, null=True, on_delete=models.PROTECT, related_name="revoked_promotion")
    live = models.BooleanField(default=True)
    tags = models.JSONField(default=dict)  # as they are written in the target's account
    evidence = models.JSONField(default=dict)
    actor = models.CharField(max_length=150)
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["image_id", "target"], condition=models.Q(live=True), name="one_live_promotion"
            )
        ]
        indexes = [models.Index(fields=["target", "-id"], name="promotion_to")]

    def __str__(self) -> str:
        return f"promotion {self.pk} of {self.what} to {self.target.name}"

    @property
    def stands(self) -> bool:
        """Whether the target may launch it, as far as was done here; while it is being taken back, no more."""
        return self.live and self.run.state == RunState.SUCCEEDED and not self.being_revoked

    @property
    def being_revoked(self) -> bool:
        """Whether it is being taken back."""
        return self.revocation is not None and not self.revocation.ended

    @property
    def revoked(self) -> bool:
        """Whether it was taken back."""
        return self.revocation is not None and self.revocation.state == RunState.SUCCEEDED

    @property
    def now(self) -> Run:
        """The run that tells how it is: that which takes it back, or took it back, else that which grants it."""
        return self.revocation if self.revocation is not None else self.run

    @property
    def what(self) -> str:
        """The AMI in a few words."""
        return " ".join(filter(None, [self.application, self.version])) or self.image_id
