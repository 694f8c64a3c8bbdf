"""Rollbacks of an ended push, of each strategy with each driver."""

from __future__ import annotations

from functools import partial

from apps.deployments.models import Deployment
from tests.faults.operations import Operation, register
from tests.faults.scenarios import acts
from tests.faults.world import World


def _one_before(world: World, strategy: str) -> None:
    acts.pushed(world, strategy=strategy)


for _strategy, _driver in acts.combinations():
    register(
        Operation(
            acts.named("rollback", _strategy, _driver),
            Deployment.Kind.ROLLBACK,
            acts.rollback,
            frozenset({"rollback"}),
            prepare=partial(_one_before, strategy=_strategy),
            strategy=_strategy,
            driver=_driver,
            like=acts.named("rollback", "red-black", _driver) if _strategy == "rolling-red-black" else "",
        )
    )
