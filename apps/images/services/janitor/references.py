"""Keeping when each AMI was last used: what is seen used is noted at once, and the watch goes on only where all that
may use AMIs was read.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models.functions import Now

from apps.images.janitor.use import GAP, with_bases, with_copies
from apps.images.models import BakedImage, ImageReference, ReferenceWatch
from apps.inventory.models import Environment, Image
from apps.inventory.selectors import references
from apps.inventory.services.clock import database_time


def note_references() -> None:
    """Notes every AMI that is used now, with its copies and bases."""
    now = database_time()
    unknown = references.unknown(now)
    found = with_bases(with_copies(references.used()))
    ImageReference.objects.bulk_create(
        [
            ImageReference(image_id=id_, last_referenced_at=now, by=by[:500])
            for id_, by in found.items()
            if id_.startswith("ami-")
        ],
        update_conflicts=True,
        unique_fields=["image_id"],
        update_fields=["last_referenced_at", "by"],
        batch_size=500,
    )
    for region in {each for environment in Environment.objects.all() for each in environment.regions}:
        if region not in unknown:
            _watched(region, now)
            _strike_off_gone(region)


def _watched(region: str, now: datetime) -> None:
    """The watch goes on; after a gap it begins anew, for what was used meanwhile nobody saw."""
    row, _ = ReferenceWatch.objects.get_or_create(region=region, defaults={"since": now, "last_at": now})
    since = now if now - row.last_at > GAP else row.since
    ReferenceWatch.objects.filter(pk=row.pk).update(since=since, last_at=now)


def _strike_off_gone(region: str) -> None:
    """Bakes whose AMI somebody deregistered have it no longer; what is left are its snapshots."""
    standing = Image.objects.filter(region=region, gone_at__isnull=True).values("image_id")
    gone = Image.objects.filter(region=region, gone_at__isnull=False).exclude(image_id__in=standing).values("image_id")
    BakedImage.objects.filter(region=region, deleted_at__isnull=True, image_id__in=gone).update(deleted_at=Now())
