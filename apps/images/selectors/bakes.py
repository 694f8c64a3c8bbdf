"""Reading bakes, their images and what is inside these."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet

from apps.images.models import Bake, BakedImage, Manifest


def bakes() -> QuerySet[Bake]:
    """All bakes, newest first, with what a list shows."""
    images = Prefetch("images", BakedImage.objects.order_by("id"))
    rows = Bake.objects.select_related("run", "application", "environment", "build")
    return rows.prefetch_related(images).defer("log").order_by("-id")


def live_bake(key: str) -> Bake | None:
    """The bake that answers for a key: it is under way, or its image stood when it was last looked at."""
    return Bake.objects.filter(key=key, live=True).select_related("run", "application", "environment").first()


def bake_of_image(image_id: str) -> Bake | None:
    """The bake that made this AMI, or copied it."""
    made = Bake.objects.filter(images__image_id=image_id)
    return made.select_related("run", "application", "environment", "build", "manifest").first()


def manifest_of(image_id: str) -> Manifest | None:
    """What is inside an AMI that a bake made; None where nobody recorded it."""
    return Manifest.objects.filter(bakes__images__image_id=image_id).first()
