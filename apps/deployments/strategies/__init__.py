"""Ways to push, one file each. Whatever this package holds is registered when the app starts."""

from __future__ import annotations

from typing import Any

from apps.deployments.strategies.base import Strategy, known
from apps.workflows.options import OptionSpec

__all__ = ["OptionSpec", "Strategy", "all", "json_schema"]


def all() -> dict[str, Strategy]:  # noqa: A001 -- read as strategies.all()
    """Every strategy by slug."""
    return known()


def json_schema(slug: str) -> dict[str, Any]:
    """The JSON Schema of a strategy's options. Raises KeyError for an unknown slug."""
    return known()[slug].schema
