"""The undo of a push or a rollback that a person cancels at different steps, with each driver."""

from __future__ import annotations

from collections.abc import Mapping

from apps.deployments import drivers
from apps.deployments.models import Deployment
from tests.faults.operations import CANCEL, SHARED, Operation, Prepare, register
from tests.faults.scenarios import acts
from tests.faults.workers import carry_on
from tests.faults.world import World

COVERS = frozenset({CANCEL})


def _soaking(world: World) -> None:
    acts.until_step(acts.push(world, soak_seconds=3600), "soak")


def _starting(world: World) -> None:
    acts.until_step(acts.push(world), "wait-healthy")


def _replacing(world: World) -> None:
    """A replacement in place whose first instance of the new version is there."""
    pushed = acts.push(world, strategy="rolling-replace", surge_percent=0)
    carry_on(pushed, lambda: world.service.groups()[world.service.group]["DesiredCapacity"] > len(world.done) + 1)


def _returning(world: World) -> None:
    """A rollback in place that has begun to replace."""
    acts.pushed(world, strategy="rolling-replace", surge_percent=0)
    began = world.service.groups()[world.service.group]["DesiredCapacity"]
    back = acts.rollback(world)
    carry_on(back, lambda: world.service.groups()[world.service.group]["DesiredCapacity"] > began)


def _sharing(world: World) -> None:
    """A push that has moved a part of the traffic, and watches it."""
    acts.until_step(acts.push(world, strategy="rolling-red-black", watch_seconds=3600), "soak")


def _returned(world: World) -> None:
    """A rollback that has moved the traffic back, and has yet to give the group its size."""
    acts.pushed(world)
    acts.until_step(acts.rollback(world), "restore-size")


_CASES: Mapping[str, tuple[str, Prepare]] = {
    "push": (Deployment.Kind.PUSH, _soaking),
    "part": (Deployment.Kind.PUSH, _sharing),
    "start": (Deployment.Kind.PUSH, _starting),
    "rollback": (Deployment.Kind.ROLLBACK, _returned),
    "replacement": (Deployment.Kind.PUSH, _replacing),
    "return": (Deployment.Kind.ROLLBACK, _returning),
}


def _like(case: str, driver: str) -> str:
    """The undo that makes the same calls and more: that of a whole push by this driver, or by the plainest one."""
    if case == "part" or (case == "start" and driver != SHARED):
        return f"undo-of-push-{driver}"
    return f"undo-of-{case}-{SHARED}" if case in {"replacement", "return"} and driver != SHARED else ""


for _case, (_kind, _prepare) in _CASES.items():
    for _driver, _moves in drivers.all().items():
        if _case == "part" and not _moves.exact:
            continue  # it moves no part but by the size of the group, whose undo is that of a start
        _slug, _of = f"undo-of-{_case}-{_driver}", _like(_case, _driver)
        register(Operation(_slug, _kind, acts.cancel, COVERS, prepare=_prepare, driver=_driver, like=_of))
