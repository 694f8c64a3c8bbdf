"""Whether the load balancers may have the targets, and the target groups, that the plan adds."""

from __future__ import annotations

from collections.abc import Iterator

from apps.cloud.aws import elbv2, quotas
from apps.deployments.errors import Finding, overridable
from apps.deployments.preflight.base import Looked, check

TARGET_GROUP_QUOTA = overridable("target-group-quota")
TARGETS_QUOTA = overridable("targets-quota")

TARGET_GROUPS = "target-groups"
TARGETS = "targets-per-application-load-balancer"


@check("targets-quota", "whether the load balancing limits have room")
def room(looked: Looked) -> Iterator[Finding]:
    """Refuses where the plan makes more target groups than the limit leaves, or registers more targets."""
    if not looked.serving.target_groups:
        return
    limits = looked.read.once("balancing limits", lambda: quotas.balancing_limits(looked.target))
    need, most = looked.makes("elasticloadbalancing:CreateTargetGroup"), limits.get(TARGET_GROUPS)
    if need and most is not None:
        have = len(elbv2.describe_target_groups(looked.target))
        if have + need > most:
            text = f"The account has {have} of {most} target groups here. Delete some, or ask AWS to raise the limit."
            yield Finding("refuse", TARGET_GROUP_QUOTA, text, TARGET_GROUPS)
    yield from _targets(looked, limits.get(TARGETS))


def _targets(looked: Looked, most: int | None) -> Iterator[Finding]:
    """Counts the targets of the group's own target groups; a load balancer may have others."""
    listed = {(each.id, each.port, arn) for arn, targets in looked.situation.health.items() for each in targets}
    have, add = len(listed), looked.launches * len(looked.serving.target_groups)
    if most is None:
        text = f"It is unknown how many targets a load balancer may have: AWS names no limit. {have + add} would be."
        yield Finding("warn", "unknown-targets", text, TARGETS)
    elif have + add > most:
        text = (
            f"{have} targets are registered and {add} would come: a load balancer may have {most}. "
            "Ask AWS to raise the limit, or lower the margin."
        )
        yield Finding("refuse", TARGETS_QUOTA, text, TARGETS)
