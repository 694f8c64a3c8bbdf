"""Whether the serving group can be the model of the next one."""

from __future__ import annotations

from collections.abc import Iterator

from apps.cloud.values import GroupState
from apps.deployments import inherit
from apps.deployments.errors import Finding
from apps.deployments.preflight.plain import Asked, plain_check
from apps.deployments.situation import Situation

_EXTRAS = {
    "scaling_policies": "scaling policies",
    "scheduled_actions": "scheduled actions",
    "lifecycle_hooks": "lifecycle hooks",
    "notifications": "notifications",
    "warm_pool": "a warm pool",
}


@plain_check
def model(situation: Situation, serving: GroupState, asked: Asked) -> Iterator[Finding]:
    """Refuses what the next group could not take over, each by name."""
    del asked
    yield from inherit.refusals(serving)
    yield from inherit.foreign_sources(serving)
    for member, words in _EXTRAS.items():
        names = getattr(situation.extras, member)
        if names:
            text = (
                f"{serving.name} cannot be pushed: it has {words} ({', '.join(names)}), which a push would not carry."
            )
            yield Finding("refuse", "not-carried", text, member)
    if serving.raw.get("EnabledMetrics"):
        text = f"{serving.name} collects group metrics; the next group will not until you enable them there."
        yield Finding("warn", "group-metrics", text, "EnabledMetrics")
    if serving.status:
        yield Finding("refuse", "being-deleted", f"{serving.name} is being deleted ({serving.status}).")
    if not serving.in_service:
        yield Finding("refuse", "empty", f"{serving.name} has no instance in service.")
