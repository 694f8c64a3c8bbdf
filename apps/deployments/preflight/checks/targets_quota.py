"""Whether the load balancers may have the targets, and the target groups, that the plan adds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from apps.cloud.aws import elbv2, quotas
from apps.deployments.errors import Finding, overridable
from apps.deployments.preflight.base import Looked, check

TARGET_GROUP_QUOTA = overridable("target-group-quota")
TARGETS_QUOTA = overridable("targets-quota")

TARGET_GROUPS = "target-groups"
KINDS = {"app": "application", "net": "network"}  # as a load balancer's ARN names its kind, and as its limits do


@check("targets-quota", "whether the load balancing limits have room")
def room(looked: Looked) -> Iterator[Finding]:
    """Refuses where the plan makes more target groups than the limits leave, or registers more targets."""
    if not looked.serving.target_groups:
        return
    limits = looked.read.once("balancing limits", lambda: quotas.balancing_limits(looked.target))
    need = looked.makes("elasticloadbalancing:CreateTargetGroup")
    if need:
        yield from _target_groups(looked, limits, need)
    for word in sorted({_word(looked, arn) for arn in looked.serving.target_groups}):
        yield from _targets(looked, limits.get(f"targets-per-{KINDS[word]}-load-balancer"), word)


def _target_groups(looked: Looked, limits: Mapping[str, int], need: int) -> Iterator[Finding]:
    """Counts those of the account, and those of each load balancer that gets more."""
    known, most = elbv2.describe_target_groups(looked.target), limits.get(TARGET_GROUPS)
    if most is not None and len(known) + need > most:
        text = f"The account has {len(known)} of {most} target groups here. Delete some, or ask AWS to raise the limit."
        yield Finding("refuse", TARGET_GROUP_QUOTA, text, TARGET_GROUPS)
    where = Counter(arn for each in known for arn in each.load_balancers)
    more = Counter(arn for each in known if each.arn in looked.serving.target_groups for arn in each.load_balancers)
    limit = f"{TARGET_GROUPS}-per-{KINDS['app']}-load-balancer"
    most = limits.get(limit)
    for arn, added in sorted(more.items()):
        if most is not None and "/app/" in arn and where[arn] + added > most:
            text = f"{arn.split('/')[-2]} has {where[arn]} of {most} target groups, and would get {added} more."
            yield Finding("refuse", TARGET_GROUP_QUOTA, f"{text} Take some out of its rules.", limit)


def _word(looked: Looked, arn: str) -> str:
    """The kind of load balancer that a target group has; one that is not known is taken for the usual one."""
    group = looked.situation.target_groups.get(arn)
    return "net" if group and any("/net/" in each for each in group.load_balancers) else "app"


def _targets(looked: Looked, most: int | None, word: str) -> Iterator[Finding]:
    """Counts the targets of the cluster's target groups of this kind; a load balancer may have others."""
    limit = f"targets-per-{KINDS[word]}-load-balancer"
    mine = {arn for arn in looked.situation.health if _word(looked, arn) == word}
    listed = {(each.id, each.port, arn) for arn in mine for each in looked.situation.health[arn]}
    have, add = len(listed), looked.launches * len(mine.intersection(looked.serving.target_groups))
    if most is None:
        text = f"It is unknown how many targets a load balancer may have: AWS names no limit. {have + add} would be. "
        text += "See Service Quotas."
        yield Finding("warn", "unknown-targets", text, limit)
    elif have + add > most:
        text = (
            f"{have} targets are registered and {add} would come: a load balancer may have {most}. "
            "Ask AWS to raise the limit, or lower the margin."
        )
        yield Finding("refuse", TARGETS_QUOTA, text, limit)
