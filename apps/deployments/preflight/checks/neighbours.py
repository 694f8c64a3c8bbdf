"""What else stands in the cluster."""

from __future__ import annotations

from collections.abc import Iterator

from apps.cloud.values import GroupState
from apps.deployments.errors import Finding
from apps.deployments.preflight.plain import Asked, plain_check
from apps.deployments.situation import Situation


@plain_check
def neighbours(situation: Situation, serving: GroupState, asked: Asked) -> Iterator[Finding]:
    """Tells of groups that the push does not touch."""
    del asked
    kept = {item.name for item in situation.kept}
    kept |= {group.name for group in situation.groups if group.status}  # they go by themselves
    others = [group.name for group in situation.groups if group.name != serving.name and group.name not in kept]
    if others:
        verbs = ("stands", "is") if len(others) == 1 else ("stand", "are")
        text = f"{', '.join(others)} {verbs[0]} beside {serving.name} and {verbs[1]} left alone."
        yield Finding("note", "other-groups", text)
