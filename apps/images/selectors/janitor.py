"""Reading what the janitor has marked, what it would mark and why, its rules, and what people keep."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from apps.images.janitor import all_kinds
from apps.images.janitor.base import Thing, held
from apps.images.janitor.use import base_of
from apps.images.models import ImageReference, JanitorRules, Keep, Mark
from apps.inventory.models import Environment, Image, Instance
from apps.inventory.selectors import image_use, references
from apps.inventory.selectors.image_use import Use
from apps.inventory.selectors.references import TemplateUse


def rules_of(environment: Environment) -> JanitorRules:
    """An environment's rules; with the defaults, not stored, where nobody has said anything."""
    return JanitorRules.objects.filter(environment=environment).first() or JanitorRules(environment=environment)


def all_rules() -> list[JanitorRules]:
    """Those of every environment, by its name. 1 query."""
    found = []
    for environment in Environment.objects.select_related("janitor_rules").order_by("name"):
        row = getattr(environment, "janitor_rules", None) or JanitorRules(environment=environment)
        found.append(row)
    return found


def marks() -> QuerySet[Mark]:
    """All marks, the newest first."""
    return Mark.objects.select_related("environment").order_by("-id")


def keeps() -> QuerySet[Keep]:
    """What people keep, the newest first."""
    return Keep.objects.select_related("environment").order_by("-id")


@dataclass(frozen=True)
class Judged:
    """What a round would find of one resource now."""

    kind: str
    thing: Thing

    @property
    def goes(self) -> bool:
        """Whether it would be marked, or keep its mark."""
        return not self.thing.stays and self.thing.since is not None


def dry_run(environment: Environment, now: datetime | None = None) -> list[Judged]:
    """Everything that the janitor looks at in an environment, what may go first, the oldest first. Changes nothing."""
    rules, moment = rules_of(environment), now or timezone.now()
    found = [
        Judged(slug, thing) for slug, kind in all_kinds().items() for thing in kind.things(environment, rules, moment)
    ]
    return sorted(found, key=lambda each: (not each.goes, each.kind, each.thing.since or moment, each.thing.resource))


def held_back(environment: Environment) -> str:
    """Why nothing at all is deleted there now; empty if it may be."""
    return held(environment.name, "")


@dataclass(frozen=True)
class WhereUsed:
    """What uses an AMI in every environment, and what the janitor thinks of it."""

    groups: tuple[Use, ...]  # those that launch it, the weightiest first
    instances: tuple[Instance, ...]  # that run it although their group launches another, or in none
    templates: tuple[TemplateUse, ...]
    base_of: tuple[Image, ...]  # AMIs that were made upon it and stand
    copies: tuple[Image, ...]
    last_referenced_at: datetime | None
    last_referenced_by: str
    unknown: str  # why its use is not wholly known
    mark: Mark | None
    keeps: tuple[Keep, ...]


def where_used(image: Image) -> WhereUsed:
    """Of one AMI, in every environment. 14 queries at most."""
    reference = ImageReference.objects.filter(image_id=image.image_id).first()
    live = marks().filter(kind="image", resource=image.image_id, state__in=Mark.LIVE)
    return WhereUsed(
        groups=image_use.uses([image.image_id])[image.image_id],
        instances=tuple(image_use.running(image.image_id)),
        templates=references.template_uses(image.image_id),
        base_of=_made_upon(image),
        copies=tuple(references.copies(image)),
        last_referenced_at=reference.last_referenced_at if reference else None,
        last_referenced_by=reference.by if reference else "",
        unknown=references.unknown_in(image.region),
        mark=live.first(),
        keeps=tuple(keeps().filter(kind="image", resource=image.image_id)),
    )


def _made_upon(image: Image) -> tuple[Image, ...]:
    """Those that stand, each once, the newest first."""
    rows = Image.objects.filter(gone_at__isnull=True, tags__base_image=image.image_id).select_related("environment")
    found = {row.image_id: row for row in rows.order_by("created_at", "id")}
    bases = base_of(found)
    return tuple(reversed([row for id_, row in found.items() if bases.get(id_) == image.image_id]))


def going(image_ids: Collection[str]) -> list[str]:
    """Those of the AMIs that the janitor has begun to delete. 1 query."""
    rows = Mark.objects.filter(kind="image", resource__in=image_ids, state=Mark.State.DELETING)
    return sorted(rows.values_list("resource", flat=True))


def is_going(image_id: str) -> bool:
    """Whether the janitor has begun to delete an AMI. 1 query."""
    return bool(going([image_id]))
