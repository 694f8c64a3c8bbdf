"""The plan of a removal: what our rows name is taken away, last made first, once nothing serves by it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from apps.cloud.aws import autoscaling, elbv2
from apps.cloud.errors import NotFound
from apps.cloud.naming import cluster_of
from apps.cloud.values import Target
from apps.deployments.errors import Finding
from apps.deployments.models import ScaffoldPart
from apps.deployments.requests import Preview
from apps.deployments.scaffold import kinds
from apps.deployments.scaffold.kinds.base import At, key_of
from apps.workflows.plans import PlannedStep

REMOVED_WITHIN = 3600.0  # seconds: AWS keeps the interfaces of a load balancer for a while, and with them its groups
NOTHING, SERVES, NOT_OURS = "nothing-to-remove", "still-serves", "not-ours"
IDLE = "nothing-serves"  # the kind of the step that looks once more


def plan(target: Target, where: Mapping[str, str], rows: Sequence[ScaffoldPart]) -> Preview:
    """`where` are the parameters that name the place; `rows` the parts that stand, oldest first. Raises CloudError."""
    cluster = where["cluster"]
    sentence = f"Remove what was scaffolded for {cluster} in {where['environment']} {where['region']}"
    if not rows:
        text = f"Nothing on record was scaffolded for {cluster} there."
        return Preview(sentence, (), (Finding("refuse", NOTHING, text, cluster),))
    ids = {key_of(row.noun, row.name): row.resource for row in rows}
    findings = [Finding("refuse", SERVES, text, cluster) for text in in_use(target, cluster, ids)]
    steps = [_idle(where, ids)]
    for row in reversed(rows):
        kind, at = kinds.of(row.noun), At(target, row.name, row.settings, ids)
        seen = kind.look(at)
        if seen and not seen.is_ours(cluster, where["environment"]):
            text = f"The {kind.words} {row.name} is not tagged as ours any more, and is left alone."
            findings.append(Finding("warn", NOT_OURS, text, row.name))
        steps.append(_step(row, ids, where, gone=seen is None))
    return Preview(sentence, tuple(steps), tuple(findings), at_stake=f"{cluster} can be reached no more.")


def in_use(target: Target, cluster: str, ids: Mapping[str, str]) -> Iterator[str]:
    """What still serves by these parts, or stands in the cluster, in sentences; read fresh. Raises CloudError."""
    arns = {noun: [id_ for key, id_ in ids.items() if key.startswith(key_of(noun, "")) and id_] for noun in kinds.all()}
    yield from _groups(target, cluster, arns)
    for arn in arns["target-group"]:
        yield from _traffic(target, arn, {*arns["listener"], *arns["rule"]})
    for arn in arns["load-balancer"]:
        _, rules = elbv2.describe_rules(target, [arn])
        others = {each.target_group for rule in rules for each in rule.forwards} - {*arns["target-group"]}
        if others:
            yield f"{arn.split('/')[-2]} forwards to other target groups too: {_names(others)}. Take them out first."


def _groups(target: Target, cluster: str, arns: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for group in autoscaling.describe_groups(target):
        template = group.launch_template.id if group.launch_template else ""
        if cluster_of(group.name) == cluster:
            yield f"The group {group.name} stands. Delete it first."
        elif {*group.target_groups} & {*arns["target-group"]} or template in arns["launch-template"]:
            yield f"The group {group.name} uses what was made for {cluster}. Delete it first."


def _traffic(target: Target, arn: str, ours: set[str]) -> Iterator[str]:
    name = arn.split("/")[1]
    try:
        targets, rules = elbv2.target_health(target, arn), elbv2.rules_for(target, [arn])
    except NotFound:
        return
    draining = sorted({each.id for each in targets if each.state == "draining"})
    staying = sorted({each.id for each in targets} - {*draining})
    if staying:
        yield f"{name} has targets: {', '.join(staying)}. Deregister them first."
    if draining:
        yield f"{name} still drains {', '.join(draining)}. Ask again in a few minutes."
    for rule in rules:
        weighs = any(each.weight for each in rule.forwards if each.target_group == arn)
        if weighs and not {rule.arn, rule.listener} & ours:
            yield f"Another rule sends requests to {name}: {rule.arn}. Take it out there first."


def _names(arns: set[str]) -> str:
    return ", ".join(sorted(arn.split("/")[1] for arn in arns))


def _idle(where: Mapping[str, str], ids: Mapping[str, str]) -> PlannedStep:
    return PlannedStep(IDLE, "Make sure that nothing serves", {**where, "ids": dict(ids)}, expected_seconds=1)


def _step(row: ScaffoldPart, ids: Mapping[str, str], where: Mapping[str, str], *, gone: bool) -> PlannedStep:
    words = kinds.of(row.noun).words
    part = {"noun": row.noun, "name": row.name, "settings": row.settings}
    title = f"Strike the {words} {row.name} off, which is gone" if gone else f"Remove the {words} {row.name}"
    return PlannedStep(
        "remove-part",
        title[:255],
        {**where, "part": part, "key": key_of(row.noun, row.name), "ids": dict(ids)},
        () if gone else (f"{kinds.of(row.noun).removing[0].partition(':')[2]}: {row.name}",),
        irreversible=True,
        timeout_seconds=REMOVED_WITHIN,
        expected_seconds=5,
    )
