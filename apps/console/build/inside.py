"""What is installed in an image, from the manifest that its bake recorded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from apps.console.build.image_diff import MANAGERS
from apps.console.pages.image import Inside
from apps.images.models import Manifest


def inside_of(manifest: Manifest | None) -> tuple[Inside, ...]:
    """Its packages by their manager, and its configuration files; nothing where nothing was recorded."""
    return tuple(_parts(manifest)) if manifest else ()


def _parts(manifest: Manifest) -> Iterator[Inside]:
    found: dict[str, list[str]] = defaultdict(list)
    for key, version in sorted(manifest.packages.items()):
        manager, _, name = key.partition(":")
        found[MANAGERS.get(manager, f"Packages of {manager or 'no manager'}")].append(f"{name} {version}")
    for title, lines in sorted(found.items()):
        yield Inside(title, len(lines), "\n".join(lines))
    if manifest.files:
        lines = [f"{path} {digest}" for path, digest in sorted(manifest.files.items())]
        yield Inside("Configuration files, each with its SHA-256", len(lines), "\n".join(lines))
