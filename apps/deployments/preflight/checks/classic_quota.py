"""Whether the classic load balancers may have the instances that the plan adds. It gives none a listener."""

from __future__ import annotations

from collections.abc import Iterator

from apps.cloud.aws import quotas
from apps.deployments.errors import Finding, overridable
from apps.deployments.preflight.base import Looked, check

CLASSIC_QUOTA = overridable("classic-quota")
LIMIT = "classic-registered-instances"  # L-CE3125E5 of Service Quotas


@check("classic-quota", "whether the limits of classic load balancers have room")
def room(looked: Looked) -> Iterator[Finding]:
    """Refuses where one would have more instances than it may, those of everybody counted."""
    names = sorted(looked.serving.classic_load_balancers)
    if not names:
        return
    limits = looked.read.once("classic limits", lambda: quotas.balancing_limits(looked.target, classic=True))
    most, add = limits.get(LIMIT), looked.launches
    if most is None:
        text = "It is unknown how many instances a classic load balancer may have: AWS names no limit. "
        yield Finding("warn", "unknown-classic", f"{text}See Service Quotas.", LIMIT)
        return
    for name in names:
        have = len(looked.situation.health.get(name, ()))
        if have + add > most:
            text = f"{have} instances are registered with {name} and {add} would come: it may have {most}. "
            yield Finding("refuse", CLASSIC_QUOTA, f"{text}Ask AWS to raise the limit, or lower the margin.", LIMIT)
