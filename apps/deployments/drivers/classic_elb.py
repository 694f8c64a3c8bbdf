"""Classic load balancers: the next group is attached beside the serving one, which then leaves.

A group that has target groups as well is moved with all that sends it traffic.
"""

from __future__ import annotations

from collections.abc import Iterator

from apps.cloud.values import GroupState
from apps.deployments.drivers.attachment import ByAttachment
from apps.deployments.drivers.base import register
from apps.deployments.errors import Finding
from apps.deployments.situation import Situation


@register
class ClassicElb(ByAttachment):
    slug = "classic-elb"
    title = "Classic load balancer"
    summary = "Both groups are attached to the same classic load balancers; traffic moves by detaching the old one."
    classic = True

    def findings(self, situation: Situation, serving: GroupState) -> Iterator[Finding]:
        if not serving.classic_load_balancers:
            text = (
                f"{serving.name} is attached to no classic load balancer, which the traffic driver {self.slug} needs. "
                "Choose another traffic_driver in the cluster's policy."
            )
            yield Finding("refuse", "driver", text, "traffic_driver")
        for name in serving.classic_load_balancers:
            known = situation.classic_load_balancers.get(name)
            if known and not known.draining_seconds:
                text = (
                    f"Connection draining of {name} is off: requests in flight may fail when instances leave it. "
                    "Turn it on there."
                )
                yield Finding("warn", "no-draining", text, name)
