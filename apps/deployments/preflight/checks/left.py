"""Whether the serving group is as it should be, or still as an ended deployment left it."""

from __future__ import annotations

from collections.abc import Iterator

from apps.cloud.values import GroupState
from apps.deployments.errors import NOT_GIVEN_BACK, Finding
from apps.deployments.preflight.plain import Asked, plain_check
from apps.deployments.situation import Situation


@plain_check
def left(situation: Situation, serving: GroupState, asked: Asked) -> Iterator[Finding]:
    """Refuses to carry on what was borrowed from the group, as a raised size: the next group would have it for good."""
    del asked
    for sentence in situation.left:
        text = f"{sentence} The next group would take it over. Ask again once it is given back."
        yield Finding("refuse", NOT_GIVEN_BACK, text, serving.name)
