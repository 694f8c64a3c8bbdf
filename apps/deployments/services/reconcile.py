"""The reconciler, always on: what an ended deployment left changed is given back, unless a group stands by with it."""

from __future__ import annotations

from apps.deployments.kept import keep_what_was_left
from apps.workflows import services as workflows


def reconcile() -> int:
    """Starts a repair for each cluster that an ended run left something borrowed of. Answers how many."""
    keep_what_was_left()
    return workflows.reconcile()
