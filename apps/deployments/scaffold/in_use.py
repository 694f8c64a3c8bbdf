"""What still serves by the parts of a scaffold, whichever cluster's it is: groups, instances, targets and rules."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from apps.cloud.aws import autoscaling, ec2, elbv2
from apps.cloud.errors import NotFound
from apps.cloud.naming import cluster_of, parse
from apps.cloud.values import GroupState, Target
from apps.deployments.gather import template_version
from apps.deployments.scaffold import kinds
from apps.deployments.scaffold.kinds.base import key_of

Arns = Mapping[str, Sequence[str]]  # ARNs and ids of what was made, by noun
GOING = frozenset({"shutting-down", "terminated"})


def in_use(
    target: Target, cluster: str, ids: Mapping[str, str], going: Collection[str] = (), *, targets: bool = True
) -> Iterator[str]:
    """What still serves by these parts, or stands in the cluster, in sentences; read fresh. Raises CloudError.

    The groups `going`, with their instances, are to be deleted first. `targets`: tell of those that are registered,
    too.
    """
    arns = {noun: [id_ for key, id_ in ids.items() if key.startswith(key_of(noun, "")) and id_] for noun in kinds.all()}
    names = {id_: key.rpartition(":")[2] for key, id_ in ids.items()}
    everybody = autoscaling.describe_groups(target)
    groups = [group for group in everybody if group.name not in going]
    leaving = {member.id for group in everybody if group.name in going for member in group.members}
    told = dict(_groups(target, cluster, groups, arns, names))
    yield from told.values()
    yield from _instances(target, arns["security-group"], names, {*told, *going})
    for arn in arns["target-group"]:
        yield from _targets(target, arn, leaving) if targets else ()
        yield from _rules(target, arn, {*arns["listener"], *arns["rule"]})
    for arn in arns["load-balancer"]:
        yield from _others(target, arn, {*arns["target-group"]}, groups)


def _groups(
    target: Target, cluster: str, groups: Sequence[GroupState], arns: Arns, names: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """The groups of any cluster that use what was made, each with a sentence."""
    for group in groups:
        template = group.launch_template.id if group.launch_template else ""
        if cluster_of(group.name) == cluster:
            yield group.name, f"The group {group.name} stands, which this console did not make. Delete it first."
        elif {*group.target_groups} & {*arns["target-group"]} or template in arns["launch-template"]:
            yield group.name, f"The group {group.name} uses what was made for {cluster}. Delete it first."
        elif _application(group.name) == _application(cluster):
            shared = _security_groups(target, group) & {*arns["security-group"]}
            if shared:
                what = ", ".join(sorted(names[id_] for id_ in shared))
                text = f"The group {group.name} launches with {what}, made for {cluster}, as its security group."
                yield group.name, f"{text} Delete it first, or give it another."


def _security_groups(target: Target, group: GroupState) -> set[str]:
    """The ids of those that the group launches with; none where what it launches from was deleted."""
    version = template_version(target, group)
    data: Mapping[str, Any] = version.data if version else {}
    inside = (each for interface in data.get("NetworkInterfaces") or () for each in interface.get("Groups") or ())
    return {*(data.get("SecurityGroupIds") or ()), *inside}


def _instances(
    target: Target, security_groups: Sequence[str], names: Mapping[str, str], told: Collection[str]
) -> Iterator[str]:
    """Instances with one of the security groups, of groups that are not told yet and of none."""
    found = ec2.describe_instances(target, security_groups=security_groups) if security_groups else ()
    for id_ in security_groups:
        inside = [each for each in found if id_ in dict(each.security_groups) and each.state not in GOING]
        others = sorted(f"{each.id} ({each.group or 'of no group'})" for each in inside if each.group not in told)
        if others:
            yield (
                f"Instances have the security group {names[id_]}: {', '.join(others)}. "
                "Give them another, or terminate them first."
            )


def _targets(target: Target, arn: str, leaving: Collection[str]) -> Iterator[str]:
    name = arn.split("/")[1]
    try:
        targets = [each for each in elbv2.target_health(target, arn) if each.id not in leaving]
    except NotFound:
        return
    draining = sorted({each.id for each in targets if each.state == "draining"})
    staying = sorted({each.id for each in targets} - {*draining})
    if staying:
        yield f"{name} has targets: {', '.join(staying)}. Deregister them first."
    if draining:
        yield f"{name} still drains {', '.join(draining)}. Ask again in a few minutes."


def _rules(target: Target, arn: str, ours: set[str]) -> Iterator[str]:
    name = arn.split("/")[1]
    try:
        rules = elbv2.rules_for(target, [arn])
    except NotFound:
        return
    for rule in rules:
        weighs = any(each.weight for each in rule.forwards if each.target_group == arn)
        if weighs and not {rule.arn, rule.listener} & ours:
            yield f"Another rule sends requests to {name}: {rule.arn}. Take it out there first."


def _others(target: Target, arn: str, ours: set[str], groups: Sequence[GroupState]) -> Iterator[str]:
    """The target groups of others that a load balancer sends requests to, and the groups behind them."""
    _, rules = elbv2.describe_rules(target, [arn])
    others = {each.target_group for rule in rules for each in rule.forwards} - ours
    if others:
        what = ", ".join(sorted(other.split("/")[1] for other in others))
        behind = ", ".join(sorted(group.name for group in groups if others & {*group.target_groups}))
        serves = f", and so to {behind}" if behind else ""
        yield f"{arn.split('/')[-2]} forwards to other target groups too: {what}{serves}. Take them out first."


def _application(name: str) -> str:
    parsed = parse(name)
    return parsed.app if parsed else ""
