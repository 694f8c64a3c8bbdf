"""One instance is replaced: another is in service and healthy before it is ended, so that nothing is lost by it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from apps.cloud.values import GroupState, MemberState
from apps.deployments.errors import Finding
from apps.deployments.operations.base import Operation, register, where
from apps.deployments.operations.danger import Danger
from apps.deployments.operations.instances import member_of, not_replaced
from apps.deployments.replacement import in_standby, is_going
from apps.deployments.requests import Preview
from apps.deployments.situation import Situation
from apps.deployments.timing import replace_seconds
from apps.workflows.options import option
from apps.workflows.plans import PlannedStep


@dataclass(frozen=True)
class Which:
    instance: str = option("", "Instance", "Its id, as i-0123456789abcdef0.")
    healthy_within_seconds: int = option(
        900,
        "Healthy within",
        "When no other is in service and healthy by then, the instance stays and the group gets its size back.",
        minimum=10,
        maximum=86_400,
        unit="seconds",
    )


def plan(situation: Situation, group: GroupState, options: Which) -> Preview:
    """The group is larger by one until the new instance is healthy; ending the old one makes it as large as it was."""
    member, more = member_of(group, options.instance), group.desired + 1
    raised = f", max {group.max_size} → {more}" if more > group.max_size else ""
    step = PlannedStep(
        "replace-instance",
        f"Replace {member.id}: another is healthy first",
        {**where(situation, group), "instance": member.id},
        (
            f"UpdateAutoScalingGroup: {group.name} desired {group.desired} → {more}{raised}",
            f"TerminateInstanceInAutoScalingGroup: {member.id}, once another is healthy; desired as it was",
            *((f"UpdateAutoScalingGroup: {group.name} max {more} → {group.max_size}",) if raised else ()),
        ),
        timeout_seconds=float(options.healthy_within_seconds),
        expected_seconds=replace_seconds(situation, group),
    )
    return Preview(
        f"Replace {member.id} of {group.name}, another first",
        (step,),
        tuple(_findings(situation, group, member)),
        from_group=group.name,
        from_size=group.desired,
        to_size=group.desired,
    )


def _findings(situation: Situation, group: GroupState, member: MemberState) -> Iterator[Finding]:
    if is_going(member):
        yield Finding("refuse", "going-already", f"{member.id} is {member.lifecycle_state} already.", member.id)
    if in_standby(member):
        text = f"{member.id} is in Standby and serves nothing: there is nothing to replace. Terminate it instead."
        yield Finding("refuse", "standby", text, member.id)
    if group.name in {kept.name for kept in situation.kept}:
        text = f"{group.name} stands by and is held at its size. Terminate the instance instead: it serves nobody."
        yield Finding("refuse", "stands-by", text, group.name)
    yield from not_replaced(group)


register(
    Operation(
        "replace-instance",
        "Replace an instance",
        "Has the group start another, and ends this one once that is healthy.",
        Which,
        plan,
        danger=Danger.LITTLE,
    )
)
