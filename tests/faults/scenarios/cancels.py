"""The undo of a push or a rollback that a person cancels at different steps."""

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


def _returned(world: World) -> None:
    """A rollback that has moved the traffic back, and has yet to give the group its size."""
    acts.pushed(world)
    back = acts.rollback(world)
    carry_on(back, lambda: not world.service.groups()[back.from_group]["TargetGroupARNs"])


register(Operation("undo-of-push", Deployment.Kind.PUSH, acts.cancel, COVERS, prepare=_soaking))
register(Operation("undo-of-start", Deployment.Kind.PUSH, acts.cancel, COVERS, prepare=_starting))
register(Operation("undo-of-rollback", Deployment.Kind.ROLLBACK, acts.cancel, COVERS, prepare=_returned))
