"""Whether the account may have another Auto Scaling group here."""

from __future__ import annotations

from collections.abc import Iterator

from apps.cloud.aws import quotas
from apps.deployments.errors import Finding, overridable
from apps.deployments.preflight.base import Looked, check

SCALING_QUOTA = overridable("scaling-quota")


@check("scaling-quota", "whether the account may have another Auto Scaling group", first=True)
def room(looked: Looked) -> Iterator[Finding]:
    """Refuses where the plan makes more than the limit leaves."""
    need = looked.makes("autoscaling:CreateAutoScalingGroup")
    if not need:
        return
    limits = looked.read.once("scaling limits", lambda: quotas.scaling_limits(looked.target))
    have, most = limits.groups, limits.most_groups
    if have + need > most:
        text = f"The account has {have} of {most} Auto Scaling groups here. Delete some, or ask AWS to raise the limit."
        yield Finding("refuse", SCALING_QUOTA, text, "groups")
