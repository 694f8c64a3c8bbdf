"""Who needs AMIs beside what runs, as rows tell; and since when an AMI is of no use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from apps.images.janitor.base import needed, needs
from apps.images.models import Bake, BakedImage, BaseImage, ImageReference, Promotion, Recipe, ReferenceWatch
from apps.inventory.models import Image
from apps.inventory.selectors import references
from apps.inventory.services.rows import UNDATED
from apps.workflows.states import ACTIVE, RunState

GAP = timedelta(days=1)  # longer without a whole look, and an AMI may have been used unseen meanwhile


@needs
def bases_and_bakes() -> Mapping[str, str]:
    """Approved base images, what recipes pin, and what bakes under way are made upon and make."""
    found: dict[str, str] = {}
    for image_id, name in BaseImage.objects.filter(withdrawn_at__isnull=True).values_list("image_id", "name"):
        found[image_id] = f"It is approved as the base image {name}."
    for image_id, name in Recipe.objects.exclude(base_pinned="").values_list("base_pinned", "application__name"):
        found[image_id] = f"The recipe of {name} pins it as its base image."
    live = Bake.objects.filter(run__state__in=ACTIVE)
    for image_id, pk in live.values_list("base_image", "pk"):
        found[image_id] = f"Bake {pk} is made upon it."
    for image_id, pk in BakedImage.objects.filter(bake__in=live).values_list("image_id", "bake"):
        found[image_id] = f"Bake {pk} is making it."
    return found


@needs
def promotions() -> Mapping[str, str]:
    """What a promotion lets another environment launch, is about to, or takes back: the AMI and its copies. 1 query.

    One that was put back, or ended before it changed anything, needs nothing; of one that failed nobody knows.
    """
    found: dict[str, str] = {}
    live = Promotion.objects.filter(live=True).exclude(run__state__in=(RunState.UNDONE, RunState.CANCELLED))
    for pk, image_id, images, target, ended in live.values_list(
        "pk", "image_id", "images", "target__name", "run__ended_at"
    ):
        why = f"Promotion {pk} lets {target} launch it." if ended else f"Promotion {pk} to {target} is under way."
        found |= dict.fromkeys([image_id, *(granted["image_id"] for granted in images)], why)
    return found


def base_of(images: Mapping[str, Image]) -> dict[str, str]:
    """By the ids of AMIs that have rows, the AMI that each was made upon, by its bake, else by its tags."""
    baked = BakedImage.objects.filter(image_id__in=images).values_list("image_id", "bake__base_image")
    by_tag = {id_: row.tags.get("base_image") or row.tags.get("base_ami_id") or "" for id_, row in images.items()}
    return {**{id_: base for id_, base in by_tag.items() if base}, **dict(baked)}


def with_bases(used: Mapping[str, str]) -> dict[str, str]:
    """Those AMIs, and the base images that they were made upon, however deep. A few queries for each depth."""
    found, new = dict(used), set(used)
    for _ in range(5):  # nobody bakes upon bakes upon bakes for ever
        rows = {row.image_id: row for row in Image.objects.filter(image_id__in=new)}
        bases = base_of(rows)
        fresh = {base: f"the base of {id_}, which is used by {found[id_]}" for id_, base in bases.items()}
        new = set(fresh) - set(found)
        if not new:
            break
        found |= {base: fresh[base] for base in new}
    return found


def with_copies(used: Mapping[str, str]) -> dict[str, str]:
    """Those AMIs, and what has the same name and owner: the same bake in other regions. 2 queries."""
    rows = Image.objects.filter(image_id__in=list(used), gone_at__isnull=True).exclude(name="")
    names = {(row.owner, row.name): row.image_id for row in rows}
    same = Image.objects.filter(gone_at__isnull=True, name__in={name for _, name in names})
    found = dict(used)
    for image_id, owner, name in same.values_list("image_id", "owner", "name"):
        if (owner, name) in names and image_id not in found:
            found[image_id] = f"a copy of {names[owner, name]}, which is used by {used[names[owner, name]]}"
    return found


@dataclass(frozen=True)
class Knowledge:
    """What rows tell of the use of all AMIs at one moment."""

    now: datetime
    used: Mapping[str, str]
    bases: Mapping[str, str]  # the bases of those
    needed: Mapping[str, str]
    unknown: Mapping[str, str]  # by region
    referenced: Mapping[str, datetime] = field(default_factory=dict)
    watches: Mapping[str, ReferenceWatch] = field(default_factory=dict)

    @classmethod
    def at(cls, now: datetime) -> Knowledge:
        """A dozen queries, however much there is."""
        used = with_copies(references.used())
        bases = {id_: why for id_, why in with_bases(used).items() if id_ not in used}
        return cls(
            now=now,
            used=used,
            bases=bases,
            needed=needed(),
            unknown=references.unknown(now),
            referenced=dict(ImageReference.objects.values_list("image_id", "last_referenced_at")),
            watches={row.region: row for row in ReferenceWatch.objects.all()},
        )

    def why_used(self, image_id: str, *, bases: bool) -> str:
        """Who uses or needs it, in a sentence; `bases`: or an AMI made upon it."""
        if image_id in self.needed:
            return self.needed[image_id]
        by = self.used.get(image_id, "") or (self.bases.get(image_id, "") if bases else "")
        return f"It is {'' if by.startswith(('the base', 'a copy')) else 'used by '}{by}." if by else ""

    def why_unknown(self, region: str) -> str:
        """Why nobody can say that something in a region is unused; empty where it can be said."""
        if region in self.unknown:
            return f"Its use is not wholly known. {self.unknown[region]}"
        watch = self.watches.get(region)
        if watch is None or self.now - watch.last_at > GAP:
            return f"Its use is not wholly known: nobody has looked at all that may use AMIs in {region} lately."
        return ""

    def idle_since(self, image: Image) -> tuple[datetime | None, bool]:
        """From when on it surely was of no use (None: not known), and whether it was ever seen used.

        What was before the watch began nobody saw: it counts as used until then.
        """
        watch = self.watches.get(image.region)
        if watch is None or image.created_at <= UNDATED:
            return None, False
        last = self.referenced.get(image.image_id)
        return max(last or image.created_at, watch.since), last is not None
