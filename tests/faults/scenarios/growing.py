"""The load grows while a push is under way: the serving group's own scaling gives it more instances."""

from __future__ import annotations

from apps.deployments.models import Deployment
from tests.faults.operations import SHARED, Operation, register
from tests.faults.scenarios import acts
from tests.faults.world import SIZE, World
from tests.world import wait_for

WEIGHTED = "weighted-target-groups"
GROWN = 2 * SIZE  # more than the next group was sized to


def _grown(world: World) -> None:
    service, scaling = world.service, world.account.autoscaling
    undone = world.account.state()
    acts.until_step(acts.push(world), "wait-healthy")
    scaling.set_desired_capacity(AutoScalingGroupName=service.group, DesiredCapacity=GROWN)
    wait_for(lambda: service.target_states().count("healthy") >= GROWN, "the serving group to have grown")
    group = undone[f"group {service.group}"]
    group["size"] = (group["size"][0], GROWN, group["size"][2])
    world.needs, world.undone = GROWN, undone


def _goes_on(world: World) -> Deployment:
    return world.done[-1]


for _driver, _like in ((SHARED, ""), (WEIGHTED, f"push-red-black-{WEIGHTED}")):
    register(
        Operation(
            f"push-of-growing-{_driver}",
            Deployment.Kind.PUSH,
            _goes_on,
            frozenset({"push"}),
            prepare=_grown,
            driver=_driver,
            like=_like,
        )
    )
