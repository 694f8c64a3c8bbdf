"""Whether the serving group can be the model of the next one."""

from __future__ import annotations

from collections.abc import Iterator

from apps.cloud.values import GroupState
from apps.deployments import inherit
from apps.deployments.errors import Finding
from apps.deployments.preflight.plain import Asked, plain_check
from apps.deployments.situation import Situation


@plain_check
def model(situation: Situation, serving: GroupState, asked: Asked) -> Iterator[Finding]:
    """Refuses what the next group could not take over, each by name."""
    del situation, asked
    yield from inherit.refusals(serving)
    yield from inherit.foreign_sources(serving)
    if serving.status:
        yield Finding("refuse", "being-deleted", f"{serving.name} is being deleted ({serving.status}).")
    if not serving.in_service:
        yield Finding("refuse", "empty", f"{serving.name} has no instance in service.")
