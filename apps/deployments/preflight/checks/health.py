"""Whether the group that serves is healthy now."""

from __future__ import annotations

from collections.abc import Iterator

from apps.cloud.values import GroupState
from apps.deployments.errors import Finding
from apps.deployments.health import name_of
from apps.deployments.preflight.plain import Asked, plain_check
from apps.deployments.situation import Situation
from apps.workflows.counting import are, instances


@plain_check
def all_healthy(situation: Situation, serving: GroupState, asked: Asked) -> Iterator[Finding]:
    """Warns of instances that serve and are sick."""
    del asked
    ids = {member.id for member in serving.in_service}
    for source in serving.registered_with:
        sick = sorted(ids - {target.id for target in situation.health.get(source, ()) if target.healthy})
        if sick:
            text = (
                f"{len(sick)} of {instances(len(ids))} of {serving.name} {are(len(sick))} not healthy in "
                f"{name_of(source)} now: "
                f"{', '.join(sick)}. See why before pushing; if this push is the cure, go on."
            )
            yield Finding("warn", "not-all-healthy", text, source)
