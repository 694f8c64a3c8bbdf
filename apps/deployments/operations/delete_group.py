"""Deleting a group that takes no traffic, with its instances."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from apps.cloud.values import GroupState
from apps.deployments import drivers
from apps.deployments.carry.settings import protection
from apps.deployments.errors import Finding
from apps.deployments.guard import LAST
from apps.deployments.operations.base import Operation, is_reached, other, register
from apps.deployments.operations.danger import Danger
from apps.deployments.operations.traffic import partner_of
from apps.deployments.requests import Preview
from apps.deployments.situation import Situation
from apps.deployments.strategies import parts


@dataclass(frozen=True)
class NoOptions:
    """There is nothing to choose."""


def plan(situation: Situation, group: GroupState, options: NoOptions) -> Preview:
    """There is no way back from here."""
    del options
    place = {**parts.where(situation), "driver": drivers.chosen(situation, group).slug}
    step = parts.delete_group(place, situation, group.name, group.arn, final=True)
    findings, lost = tuple(_findings(situation, group)), f"Nothing brings {group.name} back."
    more = {
        "attached": bool(group.registered_with),
        "reachable": is_reached(situation, group),
        "last": LAST in {finding.code for finding in findings},
    }
    step = replace(step, params={**step.params, **more, **other(situation, group)})
    sentence = f"Delete {group.name} and its {len(group.members)} instances"
    return Preview(sentence, (step,), findings, from_group=group.name, at_stake=lost)


def _findings(situation: Situation, group: GroupState) -> Iterator[Finding]:
    serves = group.name in situation.serving
    partner = partner_of(situation, group) if serves or is_reached(situation, group) else None
    if serves and partner:
        text = f"{group.name} serves beside {partner.group.name}. Take its traffic first, then delete it."
        yield Finding("refuse", "serves", text, group.name)
    elif serves or (is_reached(situation, group) and partner is None):
        yield _last(group, serves=serves)
    if protection(group) and group.name not in situation.given:
        text = f"{group.name} is protected from deletion by somebody. Lift that first."
        yield Finding("refuse", "protected", text, group.name)
    elif group.status:
        yield Finding("refuse", "going-already", f"{group.name} is being deleted already.", group.name)
    if group.name in {kept.name for kept in situation.kept}:
        text = f"{group.name} stands by for a rollback, which will not be possible any more."
        yield Finding("warn", "stands-by", text, group.name)


def _last(group: GroupState, *, serves: bool) -> Finding:
    """Nothing else would answer then: only an override lets it through, but where nothing answers by now either."""
    if not group.members and not group.desired:
        text = f"Requests reach {group.name} alone, which has no instances: nothing answers them now, nor will then."
        return Finding("warn", "last-without-instances", text, group.name)
    text = f"{group.name} serves, and no other group gets all of its requests: nothing would answer them any more."
    if not serves:
        text = f"Requests reach {group.name}, none of whose instances is healthy now, and no other gets all of them."
    return Finding("refuse", LAST, f"{text} Push or roll back first, unless that is meant.", group.name)


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
