"""Finding bakes by their number, or by a piece of what they make; builds by their version, commit or number."""

from __future__ import annotations

from django.db.models import Case, IntegerField, Q, Value, When

from apps.images import selectors
from apps.images.selectors import builds
from apps.inventory.selectors.search import MOST, SHORTEST, Hit

BAKE, BUILD = "bake", "build"
DIGITS = 9  # of a number at most; no bake has a longer one


def search(words: str) -> tuple[Hit, ...]:
    """The bake of this number, then those whose package or version is called so, the newest first; then builds.

    Two queries.
    """
    text = words.strip().removeprefix("#")
    number = int(text) if text.isdecimal() and len(text) <= DIGITS else 0
    if not number and len(text) < SHORTEST:
        return ()
    wanted = Q(pk=number)
    if len(text) >= SHORTEST:
        wanted |= Q(version__istartswith=text) | Q(package__icontains=text)
    first = Case(When(pk=number, then=Value(0)), default=Value(1), output_field=IntegerField())
    found = selectors.bakes().prefetch_related(None).filter(wanted).order_by(first, "-pk")[:MOST]
    bakes = tuple(
        Hit(BAKE, f"bake {row.pk}", row.environment.name, row.region, f"{row.package} {row.version}, by {row.actor}")
        for row in found
    )
    return (*bakes, *_builds(words.strip()))


def _builds(text: str) -> tuple[Hit, ...]:
    if len(text) < SHORTEST:
        return ()
    return tuple(
        Hit(BUILD, str(row), more=", ".join(filter(None, [row.application.name, row.commit[:12]])), key=str(row.pk))
        for row in builds.like(text)
    )
