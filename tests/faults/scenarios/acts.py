"""What scenarios are made of: a push, a rollback, a cancellation, carried as far as need be."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

from apps.cloud.aws import session
from apps.cloud.errors import Denied
from apps.deployments import drivers, services, strategies
from apps.deployments.models import Deployment
from apps.deployments.requests import PushRequest
from apps.workflows.models import Step
from tests.faults import recipes
from tests.faults.injector import Died
from tests.faults.workers import carry_on
from tests.faults.world import World

ACTOR = "ann"
REASON = "the matrix"


def combinations() -> Iterator[tuple[str, str]]:
    """Every strategy with every driver, by their slugs, as far as there are recipes."""
    for strategy in strategies.all():
        for driver in drivers.all():
            if strategy in recipes.STRATEGIES and driver in recipes.DRIVERS:
                yield strategy, driver


def named(what: str, strategy: str, driver: str) -> str:
    """ "push-red-black-classic-elb"."""
    return f"{what}-{strategy}-{driver}"


def push(
    world: World,
    version: str = "1.1.0",
    *,
    strategy: str = "red-black",
    queue: bool = False,
    on_failure: str = "undo",
    **options: Any,
) -> Deployment:
    """Starts a push."""
    place = world.place
    request = PushRequest(
        place["environment"],
        place["region"],
        place["cluster"],
        world.service.images[version],
        strategy=strategy,
        options={**recipes.STRATEGIES[strategy], **options},
        reason=REASON,
        queue=queue,
        on_failure=on_failure,
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
    return _noted(world, services.rollback(world.done[-1].pk, actor=ACTOR, reason=REASON))


def until_step(deployment: Any, kind: str) -> Any:
    """Carries on until a step of this kind is running."""
    there = Step.objects.filter(run_id=deployment.run_id, kind=kind, state="running")
    carry_on(deployment, there.exists)
    assert there.exists(), f"{deployment} never came to {kind}: {deployment.run.state}: {deployment.run.failure}"
    return deployment


def killed_after_a_change(deployment: Deployment) -> None:
    """Carries on until the worker that does so dies, right after its first changing call took effect."""
    made: list[str] = []
    real = session._change

    def change(target: Any, service: str, operation: str, parameters: Any, **how: Any) -> Any:
        real(target, service, operation, parameters, **how)
        made.append(operation)
        raise Died

    with patch.object(session, "_change", change):
        carry_on(deployment, lambda: bool(made))
    assert made, f"{deployment} changed nothing: {deployment.run.state}: {deployment.run.failure}"


def cancel(world: World) -> Deployment:
    """Cancels the last deployment."""
    return services.cancel(world.done[-1].pk, actor="bob", reason=REASON)


def _noted(world: World, deployment: Deployment) -> Deployment:
    if deployment not in world.done:
        world.done.append(deployment)
    return deployment


@contextlib.contextmanager
def denied(operation: str) -> Iterator[None]:
    """The role may not make this call for a while."""
    real = session._send

    def send(target: Any, service: str, called: str, *parameters: Any, **how: Any) -> Any:
        if called == operation:
            raise Denied(f"{operation}: not authorized", operation=operation)
        return real(target, service, called, *parameters, **how)

    with patch.object(session, "_send", send):
        yield
