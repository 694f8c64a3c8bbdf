"""Pushes: the first, one that finds a group kept by the push before, and those that delete the old group."""

from __future__ import annotations

from functools import partial

from apps.deployments.models import Deployment
from tests.faults.operations import Operation, register
from tests.faults.scenarios import acts
from tests.faults.world import World

COVERS = frozenset({"push", "resume"})  # whoever asks for a person is resumed


def _one_before(world: World) -> None:
    acts.pushed(world)


register(Operation("push", Deployment.Kind.PUSH, acts.push, COVERS, strategy="red-black"))
register(
    Operation(
        "push-second",
        Deployment.Kind.PUSH,
        partial(acts.push, version="1.2.0"),
        COVERS,
        prepare=_one_before,
        strategy="red-black",
    )
)
register(
    Operation(
        "push-delete-at-once",
        Deployment.Kind.PUSH,
        partial(acts.push, old_group="delete-at-once"),
        COVERS,
        strategy="red-black",
    )
)
register(
    Operation(
        "push-delete-after-soak",
        Deployment.Kind.PUSH,
        partial(acts.push, old_group="delete-after-soak", soak_seconds=1),
        COVERS,
        strategy="red-black",
    )
)
