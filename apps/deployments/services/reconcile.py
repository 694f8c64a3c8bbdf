"""The reconciler, always on: what an ended deployment left changed is given back, unless a group stands by with it."""

from __future__ import annotations

from apps.deployments.kept import keep_what_was_left
from apps.deployments.selectors import lock_name
from apps.inventory.models import Cluster
from apps.workflows import services as workflows


def reconcile(cluster: Cluster | None = None) -> int:
    """Starts a repair for each cluster, or this one, that an ended run left something borrowed of; answers how many."""
    keep_what_was_left()
    return workflows.reconcile(lock_name(cluster) if cluster else "")
