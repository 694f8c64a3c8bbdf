"""The undo of a push or a rollback that a person cancels at different steps, with each driver."""

from __future__ import annotations

from apps.deployments.models import Deployment
from tests.faults.operations import Operation, register
from tests.faults.scenarios import acts
from tests.faults.workers import carry_on
from tests.faults.world import World

COVERS = frozenset({"cancel"})


def _soaking(world: World) -> None:
    acts.until_step(acts.push(world, soak_seconds=3600), "soak")


def _starting(world: World) -> None:
    acts.until_step(acts.push(world), "wait-healthy")


def _replacing(world: World) -> None:
    """A replacement in place whose first instance of the new version is there."""
    pushed = acts.push(world, strategy="rolling-replace", surge_percent=0)
    carry_on(pushed, lambda: world.service.groups()[world.service.group]["DesiredCapacity"] > len(world.done) + 1)


def _returned(world: World) -> None:
    """A rollback that has moved the traffic back, and has yet to give the group its size."""
    acts.pushed(world)
    acts.until_step(acts.rollback(world), "restore-size")


for _strategy, _driver in acts.combinations():
    if _strategy == "red-black":
        _slug = f"undo-of-push-{_driver}"
        register(Operation(_slug, Deployment.Kind.PUSH, acts.cancel, COVERS, prepare=_soaking, driver=_driver))
        _slug = f"undo-of-rollback-{_driver}"
        register(Operation(_slug, Deployment.Kind.ROLLBACK, acts.cancel, COVERS, prepare=_returned, driver=_driver))
register(Operation("undo-of-start", Deployment.Kind.PUSH, acts.cancel, COVERS, prepare=_starting))
register(Operation("undo-of-replacement", Deployment.Kind.PUSH, acts.cancel, COVERS, prepare=_replacing))
