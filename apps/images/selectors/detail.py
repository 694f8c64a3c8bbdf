"""One bake with everything that its page and its document show."""

from __future__ import annotations

from django.db.models import Prefetch

from apps.images.models import Bake, BakedImage
from apps.workflows.models import Attempt, Step


def bake(number: int) -> Bake:
    """A bake with its steps and attempts, images, manifest and log. 4 queries; raises Bake.DoesNotExist."""
    attempts = Prefetch("attempts", Attempt.objects.order_by("id"))
    steps = Prefetch("run__steps", Step.objects.order_by("position").prefetch_related(attempts))
    images = Prefetch("images", BakedImage.objects.order_by("id"))
    rows = Bake.objects.select_related("run", "application", "environment", "build", "manifest")
    return rows.prefetch_related(steps, images).get(pk=number)
