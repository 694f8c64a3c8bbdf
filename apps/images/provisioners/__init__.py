"""How a named package version gets onto a builder, one file each. Whatever is here is registered at the start."""

from __future__ import annotations

from apps.images.provisioners.base import Provisioner, known

__all__ = ["Provisioner", "all", "get"]


def all() -> dict[str, Provisioner]:  # noqa: A001 -- read as provisioners.all()
    """Every provisioner by slug, in the order of their slugs."""
    return known()


def get(slug: str) -> Provisioner:
    """The provisioner called so. Raises KeyError."""
    return known()[slug]
