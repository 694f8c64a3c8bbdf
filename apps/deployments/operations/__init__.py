"""Changes of one group by hand, one file each. Whatever this package holds is registered when the app starts."""

from __future__ import annotations

from apps.deployments.operations.base import Operation, known
from apps.deployments.operations.danger import Danger

__all__ = ["Danger", "Operation", "all"]


def all() -> dict[str, Operation]:  # noqa: A001 -- read as operations.all()
    """Every operation by slug."""
    return known()
