"""Letting go of a lock, in the transaction that ends its owner."""

from __future__ import annotations

from apps.workflows.models import Lock, Run


def release(run: Run) -> None:
    """Frees what the run holds."""
    Lock.objects.filter(run=run).delete()
