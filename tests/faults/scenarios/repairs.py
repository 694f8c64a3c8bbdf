"""Repairs by the reconciler, of what a deployment left whose lock was broken."""

from __future__ import annotations

from dataclasses import dataclass

from apps.deployments import services
from apps.workflows.models import Run
from tests.faults.operations import REPAIR, Operation, register
from tests.faults.scenarios import acts
from tests.faults.workers import carry_on
from tests.faults.world import SIZE, World


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


def _half_replaced(world: World) -> None:
    """A replacement in place is stopped by force: the group names the new version, and its max is raised."""
    pushed = acts.push(world, strategy="rolling-replace", surge_percent=50)
    carry_on(pushed, lambda: world.service.groups()[world.service.group]["DesiredCapacity"] > SIZE)
    services.take_over(world.cluster, actor="bob", reason=acts.REASON, force=True)


def repair(world: World) -> Repair:
    """Starts what the reconciler finds to be given back."""
    services.reconcile()
    return Repair(Run.objects.get(kind=REPAIR, resource__contains=f"{world.environment.name}/"))


COVERS = frozenset({"reconcile", "take_over"})
register(Operation("repair", REPAIR, repair, COVERS, prepare=_broken))
register(Operation("repair-of-replacement", REPAIR, repair, COVERS, prepare=_half_replaced))
