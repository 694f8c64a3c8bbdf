"""The deletion of a kept group whose time is over."""

from __future__ import annotations

from django.db.models.functions import Now

from apps.deployments import drivers, services
from apps.deployments.models import Deployment, KeptGroup
from tests.faults.operations import SHARED, Operation, register
from tests.faults.scenarios import acts
from tests.faults.world import World


def _kept_too_long(world: World) -> None:
    acts.pushed(world, old_group="hours", keep_hours=1)
    KeptGroup.objects.filter(cluster=world.cluster).update(until=Now())


def _clean_up(world: World) -> Deployment:
    """Raises Deployment.DoesNotExist if it could not be started now."""
    services.start_due_clean_ups()
    return Deployment.objects.select_related("run").get(cluster=world.cluster, kind=Deployment.Kind.CLEAN_UP)


for _driver in drivers.all():
    register(
        Operation(
            f"clean-up-{_driver}",
            Deployment.Kind.CLEAN_UP,
            _clean_up,
            frozenset({"start_due_clean_ups"}),
            prepare=_kept_too_long,
            driver=_driver,
            like="" if _driver == SHARED else f"clean-up-{SHARED}",
        )
    )
