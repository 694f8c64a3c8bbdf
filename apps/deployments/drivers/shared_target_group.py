"""One target group for all groups of a cluster: the next one is attached beside the serving one, which then leaves."""

from __future__ import annotations

from collections.abc import Iterator

from apps.cloud.values import GroupState
from apps.deployments.drivers.attachment import ByAttachment
from apps.deployments.drivers.base import SHARED, register
from apps.deployments.errors import Finding
from apps.deployments.situation import Situation


@register
class SharedTargetGroup(ByAttachment):
    slug = SHARED
    title = "Shared target group"
    summary = "Both groups are attached to the same target groups; traffic moves by detaching the old one."

    def findings(self, situation: Situation, serving: GroupState) -> Iterator[Finding]:
        del situation
        if not serving.target_groups:
            text = f"{serving.name} is attached to no target group, which the traffic driver {self.slug} needs."
            yield Finding("refuse", "driver", text, "traffic_driver")
