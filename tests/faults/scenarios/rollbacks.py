"""Rollbacks of an ended push, of each strategy with each driver."""

from __future__ import annotations

from functools import partial

from apps.deployments import services
from apps.deployments.models import Deployment
from tests.faults.operations import Operation, register
from tests.faults.scenarios import acts
from tests.faults.workers import carry_on
from tests.faults.world import World


def _one_before(world: World, strategy: str) -> None:
    acts.pushed(world, strategy=strategy)


def _queued(world: World) -> None:
    """A rollback waits for a second push, which is undone."""
    acts.pushed(world)
    second = acts.push(world, "1.2.0", soak_seconds=3600)
    acts.until_step(second, "soak")
    waits = services.rollback(world.done[0].pk, actor=acts.ACTOR, reason=acts.REASON, queue=True)
    world.done.append(waits)
    services.cancel(second.pk, actor="bob", reason=acts.REASON)
    assert carry_on(second).state == "undone", second.run.failure


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
register(
    Operation(
        "rollback-queued",
        Deployment.Kind.ROLLBACK,
        lambda world: world.done[-1],
        frozenset({"rollback"}),
        prepare=_queued,
        like=acts.named("rollback", "red-black", "shared-target-group"),
    )
)
