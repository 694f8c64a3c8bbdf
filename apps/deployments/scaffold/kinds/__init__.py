"""What scaffolding makes, one file a kind of it. Whatever this package holds is registered by being there."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from apps.deployments.scaffold.kinds.base import Kind, known

__all__ = ["Kind", "all", "of"]


def all() -> dict[str, Kind]:  # noqa: A001 -- read as kinds.all()
    """Every kind by its noun."""
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    return known


def of(noun: str) -> Kind:
    """The kind of this noun."""
    return all()[noun]
