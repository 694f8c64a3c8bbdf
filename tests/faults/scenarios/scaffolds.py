"""Scaffolding another cluster of the application, with its first group, beside the one that serves; its removal."""

from __future__ import annotations

from apps.deployments import services
from apps.deployments.models import Deployment
from apps.deployments.scaffold.wishes import RemovalRequest, ScaffoldRequest
from tests.faults.operations import CANCEL, Operation, register
from tests.faults.scenarios import acts
from tests.faults.world import World, settle

SCAFFOLD, REMOVAL = Deployment.Kind.SCAFFOLD, Deployment.Kind.REMOVAL
NAME = "api-more"
WISHES = {"port": 8090, "instance_port": 8080, "health_check_path": "/health"}


def _scaffold(world: World, *, first: bool = True) -> Deployment:
    options = {**WISHES, **({"image": world.service.images["1.0.0"]} if first else {})}
    request = ScaffoldRequest("api", world.environment.name, cluster=NAME, options=options, reason=acts.REASON)
    made = services.scaffold(request, actor=acts.ACTOR)
    assert made, "there is nothing to be made"
    world.done.append(made)
    return made


def _made(world: World) -> None:
    acts.succeeded(_scaffold(world, first=False))


def _remove(world: World) -> Deployment:
    request = RemovalRequest("api", world.environment.name, cluster=NAME, reason=acts.REASON)
    return services.remove_scaffold(request, actor=acts.ACTOR)


def _interrupted(world: World) -> None:
    """It waits for its first instances, and is then to be undone."""
    settle(world)
    world.undone = world.account.state()
    acts.until_step(_scaffold(world), "wait-sized")


register(Operation("scaffold", SCAFFOLD, _scaffold, frozenset({"scaffold"})))
register(Operation("removal", REMOVAL, _remove, frozenset({"remove_scaffold"}), prepare=_made))
register(Operation("undo-of-scaffold", SCAFFOLD, acts.cancel, frozenset({CANCEL}), prepare=_interrupted))
