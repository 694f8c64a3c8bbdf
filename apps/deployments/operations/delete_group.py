"""Deleting a group that takes no traffic, with its instances."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from apps.cloud.values import GroupState
from apps.deployments import drivers
from apps.deployments.carry.settings import protection
from apps.deployments.errors import Finding
from apps.deployments.operations.base import Operation, other, others_serve, register
from apps.deployments.operations.danger import Danger
from apps.deployments.requests import Preview
from apps.deployments.situation import Situation
from apps.deployments.strategies import parts
from apps.deployments.weights import reached
from apps.workflows.counting import instances


@dataclass(frozen=True)
class NoOptions:
    """There is nothing to choose."""


def plan(situation: Situation, group: GroupState, options: NoOptions) -> Preview:
    """There is no way back from here."""
    del options
    place = {**parts.where(situation), "driver": drivers.chosen(situation, group).slug}
    step = parts.delete_group(place, situation, group.name, group.arn, final=True)
    more = {"attached": bool(group.registered_with), "reachable": _reachable(situation, group)}
    step = replace(step, params={**step.params, **more, **other(situation, group)})
    sentence = f"Delete {group.name} and its {instances(len(group.members))}"
    findings, lost = tuple(_findings(situation, group)), f"Nothing brings {group.name} back."
    return Preview(sentence, (step,), findings, from_group=group.name, at_stake=lost)


def _findings(situation: Situation, group: GroupState) -> Iterator[Finding]:
    if group.name in situation.serving:
        text = f"{group.name} serves. Push or roll back, so that another group takes its traffic, then delete it."
        yield Finding("refuse", "serves", text, group.name)
    elif _reachable(situation, group) and others_serve(situation, group) is None:
        text = (
            f"Requests reach {group.name}, though none of its instances is healthy now, and no other has all of them."
        )
        yield Finding("refuse", "last-reachable", text, group.name)
    elif protection(group) and group.name not in situation.given:
        text = f"{group.name} is protected from deletion by somebody. Lift that first."
        yield Finding("refuse", "protected", text, group.name)
    elif group.status:
        yield Finding("refuse", "going-already", f"{group.name} is being deleted already.", group.name)
    if group.name in {kept.name for kept in situation.kept}:
        text = f"{group.name} stands by for a rollback, which will not be possible any more."
        yield Finding("warn", "stands-by", text, group.name)


def _reachable(situation: Situation, group: GroupState) -> bool:
    return bool(group.classic_load_balancers) or bool(reached(situation.rules, list(group.target_groups)))


register(
    Operation(
        "delete-group",
        "Delete the group",
        "Ends its instances; there is no way back.",
        NoOptions,
        plan,
        danger=Danger.FINAL,
    )
)
