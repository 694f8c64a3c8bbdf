"""What an operation on a group is: options, and a pure function from a situation and a group to a plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from apps.cloud.values import GroupExtras, GroupState
from apps.deployments import guard
from apps.deployments.errors import Finding
from apps.deployments.guard import Loss
from apps.deployments.operations.danger import Danger
from apps.deployments.requests import Preview
from apps.deployments.situation import Situation
from apps.deployments.weights import reached
from apps.workflows.offered import Offered, Register

NOTHING = "nothing-to-change"
LONGEST = 255  # characters of a step's title
PARTS = ("instance", "policy", "schedule")  # of a group

# what options are now, in words, by their names: of a group, with its policies and schedules, and the part named
Current = Callable[[GroupState, GroupExtras, str], Mapping[str, str]]


def _untold(group: GroupState, extras: GroupExtras, part: str) -> Mapping[str, str]:
    del group, extras, part
    return {}


@dataclass(frozen=True)
class Operation(Offered):
    """Something that people do to one group. `plan(situation, group, options)` reads nothing and changes nothing.

    `plan` raises Invalid naming the option that is wrong; what speaks against it is among its findings.
    `reads_extras`: its plan needs the group's policies and schedules. `makes` is the kind of what it makes or changes
    by name, as AWS has it; empty where it makes nothing. `launches`: its plan needs an image, which is an option;
    empty: the one that serves. `often`: what people come to a group for; the others are behind a menu. `current` says
    what its options are now; what is not among them is not known, or is nothing that stands.
    """

    plan: Callable[[Situation, GroupState, Any], Preview]
    reads_extras: bool = False
    makes: str = ""
    launches: bool = False
    often: bool = False
    danger: Danger = Danger.NONE
    current: Current = _untold

    @property
    def tells_current(self) -> bool:
        """Whether there is anything to be read of what its options are now."""
        return self.current is not _untold

    @property
    def of(self) -> str:
        """What it is done to: an instance, a scaling policy or a schedule, which is an option then; else the group."""
        names = {spec.name for spec in self.options}
        return next((each for each in PARTS if each in names), "group")


operations = Register[Operation]()
register, known = operations.add, operations.all


def cut(title: str) -> str:
    """The title of a step, with names as long as AWS allows them cut off."""
    return title if len(title) <= LONGEST else f"{title[: LONGEST - 1]}…"


def where(situation: Situation, group: GroupState) -> dict[str, str]:
    """The parameters that name the group a step acts on."""
    return {
        "environment": situation.environment,
        "region": situation.region,
        "cluster": situation.cluster,
        "group": group.name,
    }


def nothing(group: GroupState, what: str) -> Finding:
    """The refusal where all is already as it is asked for."""
    return Finding("refuse", NOTHING, f"{group.name} {what} already, so there is nothing to change.")


def stands_by(situation: Situation, group: GroupState) -> Iterator[Finding]:
    """What should be known of a group that waits for a rollback: it does not scale."""
    if group.name in {kept.name for kept in situation.kept}:
        text = f"{group.name} stands by, and does not scale before it has traffic again."
        yield Finding("warn", "stands-by", text, group.name)


def others_serve(situation: Situation, group: GroupState) -> GroupState | None:
    """Another group of the cluster that has all of this one's traffic too, the largest; None where there is none."""
    others = [
        each
        for each in situation.groups
        if each.name in situation.serving
        and each.name != group.name
        and set(group.registered_with) <= set(each.registered_with)
    ]
    return max(others, key=lambda each: (len(each.in_service), each.name), default=None)


def is_reached(situation: Situation, group: GroupState) -> bool:
    """Whether requests reach the group, or would if one of its instances were healthy: it serves, or might at once."""
    return bool(group.classic_load_balancers) or bool(reached(situation.rules, list(group.target_groups)))


def other(situation: Situation, group: GroupState) -> dict[str, str]:
    """The parameter that names the group which has traffic beside this one, where there is one."""
    beside = others_serve(situation, group)
    return {"other": beside.name} if beside else {}


def load_with(load: int, beside: GroupState | None) -> int:
    """How many instances are needed in all, where another group has the same traffic beside this one."""
    return max(load, 1) + (beside.desired if beside else 0)


def guarded(situation: Situation, loss: Loss) -> Iterator[Finding]:
    """What the traffic guard has against an act as things stand; it is asked again, by fresh reads, before the act."""
    if loss.group.name not in situation.serving:
        return
    for code, text in guard.objections(situation.policy, loss, situation.health):
        yield Finding("refuse", code, f"{loss.group.name} serves: {text}", loss.group.name)
