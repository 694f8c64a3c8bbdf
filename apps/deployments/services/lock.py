"""Break-glass: freeing a cluster whose deployment does not go on."""

from __future__ import annotations

from apps.deployments.errors import CannotCancel
from apps.deployments.models import Deployment
from apps.deployments.selectors import lock_name
from apps.inventory.models import Cluster
from apps.workflows import services as workflows


def take_over(cluster: Cluster, *, actor: str, reason: str, force: bool = False) -> Deployment | None:
    """Stops what changes the cluster as it stands, and frees its lock; answers the stopped deployment, if it was one.

    Refused while it goes on by itself, unless by `force`; recorded with its reason. Raises CannotCancel.
    """
    where = {"environment": cluster.environment.name, "region": cluster.region, "cluster": cluster.name}
    try:
        run = workflows.take_over(lock_name(cluster), actor=actor, reason=reason, force=force, where=where)
    except workflows.CannotTakeOver as error:
        raise CannotCancel(str(error)) from error
    return Deployment.objects.select_related("run", "cluster__environment").filter(run=run).first()
