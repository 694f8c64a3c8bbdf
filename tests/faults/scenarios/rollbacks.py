"""Rollbacks of an ended push."""

from __future__ import annotations

from apps.deployments.models import Deployment
from tests.faults.operations import Operation, register
from tests.faults.scenarios import acts
from tests.faults.world import World


def _one_before(world: World) -> None:
    acts.pushed(world)


register(
    Operation(
        "rollback",
        Deployment.Kind.ROLLBACK,
        acts.rollback,
        frozenset({"rollback"}),
        prepare=_one_before,
        strategy="red-black",
    )
)
