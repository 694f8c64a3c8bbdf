"""What speaks against taking a promotion back: who uses the AMI in the target's account, by a fresh look."""

from __future__ import annotations

from collections.abc import Iterator

from apps.images.janitor.afresh import users_in
from apps.images.models import Promotion
from apps.images.selectors.promotions import beside

MOST = 5  # of a kind and region that are named


def users(row: Promotion) -> tuple[str, ...]:
    """Groups, instances and launch templates that use these AMIs, and promotions to other environments of the account,
    in words. Raises CloudError.
    """
    used = (text for each in row.images for text in _here(row, each["region"], each["image_id"]))
    others = (f"promotion {other.pk} to {other.target.name}, which is of the same account" for other in beside(row))
    return (*used, *others)


def _here(row: Promotion, region: str, image: str) -> Iterator[str]:
    for what, names in users_in(row.target, region, image).items():
        if names:
            more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
            plural = "" if len(names) == 1 else "s"
            yield f"{what}{plural} {', '.join(names[:MOST])}{more} in {region}"
