"""The plan of a removal: what our rows name is taken away, last made first, once nothing serves by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from apps.cloud.values import Target
from apps.deployments.errors import Finding
from apps.deployments.models import ScaffoldPart
from apps.deployments.requests import Preview
from apps.deployments.scaffold import kinds
from apps.deployments.scaffold.in_use import in_use
from apps.deployments.scaffold.kinds.base import At, key_of
from apps.workflows.plans import PlannedStep

REMOVED_WITHIN = 3600.0  # seconds: AWS keeps the interfaces of a load balancer for a while, and with them its groups
NOTHING, SERVES, NOT_OURS = "nothing-to-remove", "still-serves", "not-ours"
GROUP = "group"  # the noun of a part
IDLE = "nothing-serves"  # the kind of the step that looks once more


def plan(
    target: Target, where: Mapping[str, str], rows: Sequence[ScaffoldPart], deletions: Sequence[Preview] = ()
) -> Preview:
    """`where` are the parameters that name the place; `rows` the parts that stand, oldest first. Raises CloudError.

    `deletions` are the plans of deleting the cluster's groups, each of its `from_group`: they go before the parts.
    """
    cluster, going = where["cluster"], [each.from_group for each in deletions]
    sentence = f"Remove what was scaffolded for {cluster} in {where['environment']} {where['region']}"
    if not rows:
        text = f"Nothing on record was scaffolded for {cluster} there."
        return Preview(sentence, (), (Finding("refuse", NOTHING, text, cluster),))
    ids = {key_of(row.noun, row.name): row.resource for row in rows}
    findings = [found for each in deletions for found in each.findings]
    findings += [Finding("refuse", SERVES, text, cluster) for text in in_use(target, cluster, ids, going)]
    steps = [_idle(where, ids, going), *(step for each in deletions for step in each.steps)]
    if going:
        steps.append(_none_left(where, ids))
    for row in reversed(rows):
        kind, at = kinds.of(row.noun), At(target, row.name, row.settings, ids)
        seen = kind.look(at)
        if seen and not seen.is_ours(cluster, where["environment"]):
            text = f"The {kind.words} {row.name} is not tagged as ours any more, and is left alone."
            findings.append(Finding("warn", NOT_OURS, text, row.name))
        steps.append(_step(row, ids, where, gone=seen is None or row.noun == GROUP))
    stake = f"{cluster} can be reached no more."
    if going:
        names = " and ".join(going)
        sentence, stake = f"{sentence}, and delete {names}", f"{stake} Nothing brings {names} back."
    return Preview(sentence, tuple(steps), tuple(findings), at_stake=stake)


def _idle(where: Mapping[str, str], ids: Mapping[str, str], going: Sequence[str]) -> PlannedStep:
    title = "Make sure that nothing else serves" if going else "Make sure that nothing serves"
    return PlannedStep(IDLE, title, {**where, "ids": dict(ids), "going": list(going)}, expected_seconds=1)


def _none_left(where: Mapping[str, str], ids: Mapping[str, str]) -> PlannedStep:
    """A deletion leaves a group alone that somebody protects meanwhile: then nothing of what it needs is taken away."""
    params = {**where, "ids": dict(ids), "deleted": True}
    return PlannedStep(IDLE, "Make sure that no group is left", params, expected_seconds=1)


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
