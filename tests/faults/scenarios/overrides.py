"""The traffic guard is overridden for a push that it holds."""

from __future__ import annotations

from apps.deployments import services
from apps.deployments.models import ClusterPolicy, Deployment
from tests.faults.operations import Operation, register
from tests.faults.scenarios import acts
from tests.faults.workers import carry_on
from tests.faults.world import World


def held(world: World) -> None:
    """A push that the guard holds: more is asked for than there is."""
    ClusterPolicy.objects.update_or_create(cluster=world.cluster, defaults={"min_healthy_percent": 1000})
    pushed = acts.push(world, on_failure="ask")
    carry_on(pushed, lambda: "keeps what serves" in pushed.run.says)
    assert "keeps what serves" in pushed.run.says, f"{pushed.run.state}: {pushed.run.failure or pushed.run.says}"


def override(world: World) -> Deployment:
    """Lets it go on."""
    return services.override(world.done[-1].pk, (), actor="bob", reason=acts.REASON)


register(
    Operation(
        "override-guard",
        Deployment.Kind.PUSH,
        override,
        frozenset({"override"}),
        prepare=held,
        like="push-red-black-shared-target-group",
    )
)
