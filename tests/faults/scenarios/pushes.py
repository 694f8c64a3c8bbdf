"""Pushes: of each strategy with each driver; after another push, with deletion of the old group, out of the queue."""

from __future__ import annotations

from functools import partial

from apps.deployments import drivers, services
from apps.deployments.models import Deployment
from tests.faults.operations import Operation, register
from tests.faults.scenarios import acts
from tests.faults.workers import carry_on
from tests.faults.world import World

PUSH = Deployment.Kind.PUSH
COVERS = frozenset({"push"})
PLAIN = acts.named("push", "red-black", "shared-target-group")


def _one_before(world: World) -> None:
    acts.pushed(world)


def _queued(world: World) -> None:
    """A push waits for another one, which is undone."""
    first = acts.push(world, soak_seconds=3600)
    acts.until_step(first, "soak")
    acts.push(world, queue=True)
    services.cancel(first.pk, actor="bob", reason=acts.REASON)
    assert carry_on(first).state == "undone", first.run.failure


def _variant(name: str, begin: partial[Deployment]) -> None:
    register(Operation(f"push-{name}", PUSH, begin, COVERS, strategy="red-black", like=PLAIN))


for _strategy, _driver in acts.combinations():
    register(
        Operation(
            acts.named("push", _strategy, _driver),
            PUSH,
            partial(acts.push, strategy=_strategy),
            COVERS,
            strategy=_strategy,
            driver=_driver,
            like=acts.named("push", "red-black", _driver) if _strategy == "rolling-red-black" else "",
        )
    )
_variant("delete-at-once", partial(acts.push, old_group="delete-at-once"))
_variant("delete-after-soak", partial(acts.push, old_group="delete-after-soak", soak_seconds=1))
for _driver in drivers.all():  # which deletes the group before the one before
    register(
        Operation(
            f"push-second-{_driver}",
            PUSH,
            partial(acts.push, version="1.2.0"),
            COVERS,
            _one_before,
            driver=_driver,
            like=acts.named("push", "red-black", _driver),
            higher=1,
        )
    )
register(Operation("push-queued", PUSH, lambda world: world.done[-1], COVERS, _queued, like=PLAIN))
