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
        text = f"{serving.name} is being deleted ({serving.status}). Create a group that serves, then push to it."
        yield Finding("refuse", "being-deleted", text)
    if not serving.in_service:
        text = f"{serving.name} has no instance in service. Raise its desired size first, and wait until it serves."
        yield Finding("refuse", "empty", text)
