"""Whether the account may have another Auto Scaling group here."""

from __future__ import annotations

from collections.abc import Iterator

from apps.cloud.aws import quotas
from apps.deployments.errors import Finding, overridable
from apps.deployments.preflight.base import Looked, check

SCALING_QUOTA = overridable("scaling-quota")

CREATES = {  # what counts towards the limit, by the call that makes it
    "autoscaling:CreateAutoScalingGroup": ("Auto Scaling groups", "groups"),
    "autoscaling:CreateLaunchConfiguration": ("launch configurations", "launch_configurations"),
}


@check("scaling-quota", "whether the account may have another Auto Scaling group")
def room(looked: Looked) -> Iterator[Finding]:
    """Refuses where the plan makes more than the limit leaves."""
    for action, (words, member) in CREATES.items():
        need = looked.makes(action)
        if not need:
            continue
        limits = looked.read.once("scaling limits", lambda: quotas.scaling_limits(looked.target))
        have, most = getattr(limits, member), getattr(limits, f"most_{member}")
        if have + need > most:
            text = f"The account has {have} of {most} {words} here. Delete some, or ask AWS to raise the limit."
            yield Finding("refuse", SCALING_QUOTA, text, member)
