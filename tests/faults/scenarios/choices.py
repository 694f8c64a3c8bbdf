"""What a person chooses where a failed step asks: try again, go on without it, undo, or stop as it stands."""

from __future__ import annotations

from functools import partial
from typing import Any
from unittest.mock import patch

from apps.cloud.aws import session
from apps.cloud.errors import Denied
from apps.deployments import services
from apps.deployments.models import Deployment
from apps.workflows.models import Step
from tests.faults.operations import Operation, register
from tests.faults.scenarios import acts
from tests.faults.workers import STUCK, carry_on
from tests.faults.world import World

COVERS = frozenset({"decide"})
FAILS = {
    "retry": "take-traffic",
    "undo": "take-traffic",
    "stop": "take-traffic",
    "forward": "soak",
}  # the step at which each is chosen


def asks(world: World, step: str) -> None:
    """A push of which one step failed, for its role lacked a permission, which it has by now."""
    real = session._send
    pushed = acts.push(world, on_failure="ask", soak_seconds=1)
    failing = Step.objects.filter(run_id=pushed.run_id, kind=step, state="running")

    def send(target: Any, service: str, operation: str, *parameters: Any, **how: Any) -> Any:
        if failing.exists():
            raise Denied(f"{operation}: not authorized", operation=operation)
        return real(target, service, operation, *parameters, **how)

    with patch.object(session, "_send", send):
        run = carry_on(pushed)
    assert run.state == STUCK, f"{run.state}: {run.failure or run.says}"


def choose(world: World, choice: str) -> Deployment:
    """Decides about the last deployment."""
    return services.decide(world.done[-1].pk, choice, actor="bob", reason=acts.REASON)


def _resume(world: World) -> Deployment:
    return services.resume(world.done[-1].pk, actor="bob", reason=acts.REASON)


for _choice, _step in FAILS.items():
    register(
        Operation(
            f"choice-{_choice}",
            Deployment.Kind.PUSH,
            _resume if _choice == "retry" else partial(choose, choice=_choice),
            frozenset({"resume"}) if _choice == "retry" else COVERS,
            prepare=partial(asks, step=_step),
        )
    )
