"""Scaffolding another cluster of the application, with its first group, beside the one that serves; its removal."""

from __future__ import annotations

from collections.abc import Callable

from apps.deployments import services
from apps.deployments.models import Deployment
from apps.deployments.scaffold.wishes import RemovalRequest, ScaffoldRequest
from tests.faults.operations import CANCEL, Operation, register
from tests.faults.scenarios import acts
from tests.faults.world import World, settle
from tests.world import wait_for

SCAFFOLD, REMOVAL = Deployment.Kind.SCAFFOLD, Deployment.Kind.REMOVAL
NAME = "api-more"
WISHES = {"port": 8090, "instance_port": 8080, "health_check_path": "/health"}


def _scaffold(world: World, version: str = "1.0.0") -> Deployment:
    """`version` is of the image of its first group; empty: without one."""
    options = {**WISHES, **({"image": world.service.images[version]} if version else {})}
    request = ScaffoldRequest("api", world.environment.name, cluster=NAME, options=options, reason=acts.REASON)
    made = services.scaffold(request, actor=acts.ACTOR)
    assert made, "there is nothing to be made"
    world.done.append(made)
    return made


def _made(world: World) -> None:
    acts.succeeded(_scaffold(world, ""))


def _without_its_group(world: World) -> None:
    """Somebody deleted the first group; the launch template is still there."""
    name = acts.succeeded(_scaffold(world)).to_group
    world.account.autoscaling.delete_auto_scaling_group(AutoScalingGroupName=name, ForceDelete=True)
    wait_for(
        lambda: name not in {each["AutoScalingGroupName"] for each in world.account.groups()}, f"{name} to be gone"
    )


def _again(world: World) -> Deployment:
    """With another image, of which its launch template has no version."""
    return _scaffold(world, "1.1.0")


def _remove(world: World, *overrides: str) -> Deployment:
    request = RemovalRequest("api", world.environment.name, cluster=NAME, reason=acts.REASON, overrides=overrides)
    return services.remove_scaffold(request, actor=acts.ACTOR)


def _with_its_group(world: World) -> None:
    acts.succeeded(_scaffold(world))


def _remove_what_serves(world: World) -> Deployment:
    return _remove(world, "guard-last-serving")


def _interrupted(world: World, begin: Callable[[World], Deployment] = _scaffold) -> None:
    """It waits for its first instances, and is then to be undone."""
    settle(world)
    world.undone = world.account.state()
    acts.until_step(begin(world), "wait-sized")


def _again_interrupted(world: World) -> None:
    _without_its_group(world)
    _interrupted(world, _again)


register(Operation("scaffold", SCAFFOLD, _scaffold, frozenset({"scaffold"})))
register(
    Operation("scaffold-again", SCAFFOLD, _again, frozenset({"scaffold"}), prepare=_without_its_group, like="scaffold")
)
register(Operation("removal", REMOVAL, _remove, frozenset({"remove_scaffold"}), prepare=_made))
register(
    Operation(
        "removal-with-group",
        REMOVAL,
        _remove_what_serves,
        frozenset({"remove_scaffold"}),
        prepare=_with_its_group,
        like="removal",
    )
)
register(Operation("undo-of-scaffold", SCAFFOLD, acts.cancel, frozenset({CANCEL}), prepare=_interrupted))
register(
    Operation(
        "undo-of-scaffold-again",
        SCAFFOLD,
        acts.cancel,
        frozenset({CANCEL}),
        prepare=_again_interrupted,
        like="undo-of-scaffold",
    )
)
