"""EC2 has no room for more instances for a while: a run asks Auto Scaling why they are missing, and goes on after.

Elsewhere nobody asks, unless the cloud lags behind the worker by chance; struck are the calls that ask.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from apps.deployments.models import Deployment
from apps.workflows.models import Run
from tests.faults import workers
from tests.faults.operations import SHARED, Operation, register
from tests.faults.scenarios import acts
from tests.faults.scenarios.changes import change
from tests.faults.world import World, grant_vcpus

IN_USE = 4  # vCPUs of the two instances that serve
TOLD = "AWS says: "  # by which a run repeats why instances are missing


def _has_room_once_told(world: World) -> None:
    """More instances are allowed as soon as the run has told why they are missing."""
    workers.beside.append(partial(_make_room, world))


def _make_room(world: World) -> None:
    if Run.objects.filter(ended_at=None, says__contains=TOLD).exists():
        grant_vcpus(world.account)


def _short(begin: Callable[[World], Deployment], world: World) -> Deployment:
    """Begins while there is room; then there is none."""
    begun = begin(world)
    grant_vcpus(world.account, IN_USE)
    return begun


def _larger(world: World) -> Deployment:
    return change(world, "resize", lambda _world: {"min": 2, "desired": 4})


for _slug, _kind, _begin, _service in (
    ("push-short-of-room", Deployment.Kind.PUSH, acts.push, "push"),
    ("resize-short-of-room", Deployment.Kind.CHANGE, _larger, "change"),
):
    register(
        Operation(
            _slug,
            _kind,
            partial(_short, _begin),
            frozenset({_service}),
            prepare=_has_room_once_told,
            strategy="red-black" if _service == "push" else "",
            like=acts.named("push", "red-black", SHARED) if _service == "push" else "change-resize",
            short=True,
        )
    )
