"""What scenarios are made of: a push, a rollback, a cancellation, carried as far as need be."""

from __future__ import annotations

from typing import Any

from apps.deployments import services
from apps.deployments.models import Deployment
from apps.deployments.requests import PushRequest
from apps.workflows.models import Step
from tests.faults.workers import carry_on
from tests.faults.world import World

ACTOR = "ann"


def push(world: World, version: str = "1.1.0", *, strategy: str = "red-black", **options: Any) -> Deployment:
    """Starts a push."""
    place = world.place
    request = PushRequest(
        place["environment"],
        place["region"],
        place["cluster"],
        world.service.images[version],
        strategy=strategy,
        options=options,
        reason="the matrix",
    )
    return _noted(world, services.push(request, actor=ACTOR))


def pushed(world: World, version: str = "1.1.0", *, strategy: str = "red-black", **options: Any) -> Deployment:
    """A push that has succeeded."""
    return succeeded(push(world, version, strategy=strategy, **options))


def succeeded(deployment: Deployment) -> Deployment:
    """Carries a deployment on until it has succeeded."""
    run = carry_on(deployment)
    assert run.state == "succeeded", f"{deployment}: {run.state}: {run.failure or run.says}"
    return deployment


def rollback(world: World) -> Deployment:
    """Rolls back the last deployment."""
    return _noted(world, services.rollback(world.done[-1].pk, actor=ACTOR, reason="the matrix"))


def until_step(deployment: Deployment, kind: str, *states: str) -> Deployment:
    """Carries on until a step is in one of these states (running, when none is named)."""
    there = Step.objects.filter(run_id=deployment.run_id, kind=kind, state__in=states or ("running",))
    carry_on(deployment, there.exists)
    assert there.exists(), f"{deployment} never came to {kind}: {deployment.run.state}: {deployment.run.failure}"
    return deployment


def cancel(world: World) -> Deployment:
    """Cancels the last deployment."""
    return services.cancel(world.done[-1].pk, actor="bob", reason="the matrix")


def _noted(world: World, deployment: Deployment) -> Deployment:
    if deployment not in world.done:
        world.done.append(deployment)
    return deployment
