"""Repairs by the reconciler, of what a deployment left whose lock was broken."""

from __future__ import annotations

from dataclasses import dataclass

from apps.deployments import drivers, services
from apps.workflows.models import Run
from tests.faults.operations import REPAIR, Operation, register
from tests.faults.scenarios import acts
from tests.faults.world import World


@dataclass
class Repair:
    """A run that is no deployment's."""

    run: Run

    @property
    def run_id(self) -> int:
        return self.run.pk


def _broken(world: World) -> None:
    """A push is stopped by force while the sizes of its new group are held."""
    acts.until_step(acts.push(world), "wait-healthy")
    services.take_over(world.cluster, actor="bob", reason=acts.REASON, force=True)


def _broken_off(world: World) -> None:
    """A push is stopped by force once all traffic is moved: the old group has lent its traffic and its processes."""
    acts.until_step(acts.push(world, soak_seconds=3600), "soak")
    services.take_over(world.cluster, actor="bob", reason=acts.REASON, force=True)


def repair(world: World) -> Repair:
    """Starts what the reconciler finds to be given back."""
    services.reconcile()
    return Repair(Run.objects.get(kind=REPAIR, resource__contains=f"{world.environment.name}/"))


COVERS = frozenset({"reconcile", "take_over"})
register(Operation("repair", REPAIR, repair, COVERS, prepare=_broken))
for _driver in drivers.all():
    register(Operation(f"repair-{_driver}", REPAIR, repair, COVERS, prepare=_broken_off, driver=_driver))
