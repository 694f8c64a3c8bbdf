"""What a bake installed otherwise than an earlier one of its key did: the key names one package's version, and which
versions of what that needs are taken, the repository decides on that day.
"""

from __future__ import annotations

from collections.abc import Mapping

from apps.images.models import Bake

MOST = 5  # packages that are named


def unlike(bake: Bake) -> str:
    """In a clause, with the bake that it is compared with; empty where both installed the same, or there is none."""
    rows = Bake.objects.filter(key=bake.key, pk__lt=bake.pk, manifest__isnull=False)
    earlier = rows.select_related("manifest").order_by("-pk").first()
    if earlier is None or earlier.manifest is None or bake.manifest is None:
        return ""
    changed = _changed(earlier.manifest.packages, bake.manifest.packages)
    if not changed:
        return ""
    more = f" and {len(changed) - MOST} more" if len(changed) > MOST else ""
    return f"unlike in bake {earlier.pk}, of the same key: {', '.join(changed[:MOST])}{more}"


def _changed(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    names = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    return [f"{name} {before.get(name, 'not there')} → {after.get(name, 'not there')}" for name in names]
