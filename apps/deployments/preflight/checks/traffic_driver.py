"""Whether the cluster's traffic driver can move what the serving group is attached to."""

from __future__ import annotations

from collections.abc import Iterator

from apps.cloud.values import GroupState
from apps.deployments import drivers
from apps.deployments.errors import Finding
from apps.deployments.preflight.plain import Asked, plain_check
from apps.deployments.situation import Situation


@plain_check
def movable(situation: Situation, serving: GroupState, asked: Asked) -> Iterator[Finding]:
    """What the driver has against it."""
    del asked
    yield from drivers.chosen(situation, serving).findings(situation, serving)
