"""Pushes of groups as they really are: with policies, alarms, schedules and the like, from a launch configuration,
attached as a traffic source; struck is what they call beside what a push of a plain group does.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping
from functools import partial

from botocore.exceptions import ClientError

from apps.deployments.models import Deployment
from tests.deployments import rich
from tests.faults import workers
from tests.faults.operations import CANCEL, SHARED, Operation, register
from tests.faults.scenarios import acts
from tests.faults.world import World
from tests.world import wait_for

Make = Callable[[World], None]
LET_GO_EVERY = 0.15  # seconds
WATCHED = "idle"  # an alarm that is not in ALARM


def _everything(world: World) -> None:
    rich.enrich(world.service)
    workers.beside.append(_letting_go(world))  # whom a hook holds


def _letting_go(world: World) -> Callable[[], None]:
    last = 0.0

    def let_go() -> None:
        nonlocal last
        if time.monotonic() - last > LET_GO_EVERY:
            last = time.monotonic()
            with contextlib.suppress(ClientError):  # it is gone, or let go already
                rich.complete(world.service)

    return let_go


def _configuration(world: World) -> None:
    rich.launch_from_configuration(world.service)


def _traffic_source(world: World) -> None:
    """The group is attached to its target group by the newer family of calls."""
    service, scaling = world.service, world.account.autoscaling
    group = {"AutoScalingGroupName": service.group}
    scaling.detach_load_balancer_target_groups(TargetGroupARNs=[service.target_group], **group)
    wait_for(lambda: service.target_states() == [], "the group to be detached")
    scaling.attach_traffic_sources(TrafficSources=[{"Identifier": service.target_group, "Type": "elbv2"}], **group)
    wait_for(lambda: set(service.target_states()) == {"healthy"}, "the group to serve")


def _soaking(world: World, make: Make) -> None:
    make(world)
    acts.until_step(acts.push(world, soak_seconds=3600), "soak")


def _pushed(world: World, make: Make) -> None:
    make(world)
    acts.pushed(world)


_WORLDS: Mapping[str, Make] = {
    "everything": _everything,
    "launch-configuration": _configuration,
    "traffic-source": _traffic_source,
}


def _like(operation: str) -> str:
    return f"{operation}-{SHARED}"


for _name, _make in _WORLDS.items():
    _watched = {"soak_seconds": 1, "soak_alarms": WATCHED} if _make is _everything else {}
    register(
        Operation(
            f"push-of-{_name}",
            Deployment.Kind.PUSH,
            partial(acts.push, **_watched),
            frozenset({"push"}),
            prepare=_make,
            like=_like("push-red-black"),
        )
    )
    register(
        Operation(
            f"rollback-to-{_name}",
            Deployment.Kind.ROLLBACK,
            acts.rollback,
            frozenset({"rollback"}),
            prepare=partial(_pushed, make=_make),
            like=_like("rollback-red-black"),
        )
    )
    register(
        Operation(
            f"undo-of-push-of-{_name}",
            Deployment.Kind.PUSH,
            acts.cancel,
            frozenset({CANCEL}),
            prepare=partial(_soaking, make=_make),
            like=_like("undo-of-push"),
        )
    )
