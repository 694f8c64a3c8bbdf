"""What is done to one instance: ending it, taking it out of its group, protecting it from scale-in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from apps.cloud.values import GroupExtras, GroupState, MemberState
from apps.deployments import guard
from apps.deployments.errors import Finding, Invalid
from apps.deployments.guard import Loss
from apps.deployments.operations.base import (
    Operation,
    guarded,
    load_with,
    nothing,
    other,
    others_serve,
    register,
    where,
)
from apps.deployments.operations.danger import Danger
from apps.deployments.replacement import in_standby, is_going
from apps.deployments.requests import Preview
from apps.deployments.situation import Situation
from apps.deployments.timing import boot_seconds, drain_seconds
from apps.workflows.counting import are, instances
from apps.workflows.options import option
from apps.workflows.plans import PlannedStep


@dataclass(frozen=True)
class Way:
    """How an instance leaves its group: the step, the verb, the call."""

    step: str
    verb: str
    call: str


STANDING = frozenset({"InService", "EnteringStandby", "Standby"})
TERMINATE = Way("terminate-instance", "Terminate", "TerminateInstanceInAutoScalingGroup")
DETACH = Way("detach-instance", "Detach", "DetachInstances")


@dataclass(frozen=True)
class Which:
    instance: str = option("", "Instance", "Its id, as i-0123456789abcdef0.")
    shrink: bool = option(False, "Shrink the group", "Lower desired by one, so that no other takes its place.")
    healthy_within_seconds: int = option(
        900,
        "Healthy within",
        "When its successor is not in service and healthy by then, this fails; nothing can be put back.",
        minimum=10,
        maximum=86_400,
        unit="seconds",
    )


@dataclass(frozen=True)
class Protection:
    instance: str = option("", "Instance", "Its id, as i-0123456789abcdef0.")
    protect: str = option(
        "yes",
        "Protected from scale-in",
        "Whether Auto Scaling passes it by when the group gets smaller.",
        choices=(("yes", "Yes"), ("no", "No")),
    )


def take_out(situation: Situation, group: GroupState, options: Which, *, way: Way) -> Preview:
    """The instance goes once nothing is lost by it; its successor is waited for."""
    member = member_of(group, options.instance)
    becomes = f"desired {group.desired} → {group.desired - 1}" if options.shrink else "another takes its place"
    if member.lifecycle_state == "Standby" and not options.shrink:
        becomes = "which is in Standby already: no other takes its place"
    drain = drain_seconds(situation, group)
    ends = PlannedStep(
        way.step,
        f"{way.verb} {member.id}",
        {**where(situation, group), "instance": member.id, "shrink": options.shrink, **other(situation, group)},
        (f"{way.call}: {member.id} of {group.name}, {becomes}",),
        timeout_seconds=drain * 2 + 900,
        expected_seconds=drain + 5,
    )
    waits = PlannedStep(
        "wait-sized",
        f"Wait until {instances(group.desired)} of {group.name} {are(group.desired)} in service and healthy",
        {**where(situation, group), "size": group.desired, "without": member.id},
        timeout_seconds=float(options.healthy_within_seconds),
        expected_seconds=boot_seconds(situation),
    )
    sentence = f"{way.verb} {member.id} of {group.name}: {becomes}"
    steps = (ends,) if options.shrink else (ends, waits)
    findings = tuple(_leaving(situation, group, member, shrink=options.shrink))
    if way is TERMINATE and not options.shrink and any(each.code in guard.CODES for each in findings):
        text = "Replace it instead: then another is healthy before it goes."
        findings = (*findings, Finding("note", "replace", text, member.id))
    if way is DETACH:
        text = f"{member.id} runs on outside of {group.name}, and costs, until somebody terminates it."
        findings = (*findings, Finding("warn", "runs-on", text, member.id))
    return Preview(
        sentence,
        steps,
        findings,
        from_group=group.name,
        from_size=group.desired,
        to_size=group.desired - 1 if options.shrink else group.desired,
        at_stake=f"Nothing brings {member.id} back into {group.name}.",
    )


def protect(situation: Situation, group: GroupState, options: Protection) -> Preview:
    """Scale-in passes it by, or does not any more. A person may end it in either case."""
    member, wanted = member_of(group, options.instance), options.protect == "yes"
    words = "protected from scale-in" if wanted else "open to scale-in"
    step = PlannedStep(
        "protect-instance",
        f"Have {member.id} {words}",
        {**where(situation, group), "instance": member.id, "protected": wanted},
        (f"SetInstanceProtection: {member.id} of {group.name} {words}",),
        expected_seconds=1,
    )
    so = member.protected == wanted
    findings = (nothing(group, f"has {member.id} {words}"),) if so else ()
    if member.lifecycle_state not in STANDING:
        text = f"{member.id} is {member.lifecycle_state}: AWS protects only what is in service or in Standby."
        findings = (*findings, Finding("refuse", "not-in-service", text, member.id))
    return Preview(f"Have {member.id} of {group.name} {words}", () if so else (step,), findings, from_group=group.name)


def protection_now(group: GroupState, extras: GroupExtras, part: str) -> Mapping[str, str]:
    """Of the instance named `part`."""
    del extras
    found = next((member for member in group.members if member.id == part), None)
    return {"protect": "yes" if found.protected else "no"} if found else {}


def member_of(group: GroupState, instance: str) -> MemberState:
    """The instance in its group. Raises Invalid."""
    if not instance:
        raise Invalid({"options.instance": ["Name the instance, as i-0123456789abcdef0."]})
    found = next((member for member in group.members if member.id == instance), None)
    if found is None:
        raise Invalid({"options.instance": [f"{instance} is no instance of {group.name}."]})
    return found


def not_replaced(group: GroupState) -> Iterator[Finding]:
    """What of the group's suspended processes would have no other instance serve in the place of one that goes."""
    stopped = sorted({"AddToLoadBalancer", "Launch", "Terminate"} & set(group.suspended))
    if stopped:
        names = " and ".join(stopped)
        text = f"{names} is suspended on {group.name}, so no other would take its place. Resume it first."
        yield Finding("refuse", "not-replaced", text, group.name)


def _leaving(situation: Situation, group: GroupState, member: MemberState, *, shrink: bool) -> Iterator[Finding]:
    if is_going(member):
        yield Finding("refuse", "going-already", f"{member.id} is {member.lifecycle_state} already.", member.id)
    if shrink and group.desired <= group.min_size:
        text = f"{group.name} has {instances(group.desired)}, and its min is {group.min_size}. Lower its min first."
        yield Finding("refuse", "at-min", text, group.name)
    if shrink and in_standby(member):
        text = f"{member.id} is in Standby, which does not count: one that serves would go with it. Do not shrink."
        yield Finding("refuse", "standby", text, member.id)
    if not shrink:
        yield from not_replaced(group)
    beside = others_serve(situation, group)
    load = load_with(group.desired - 1 if shrink else group.desired, beside)
    yield from guarded(situation, Loss(group, frozenset({member.id}), carried_by=beside, load=load))


register(
    Operation(
        "terminate-instance",
        "Terminate an instance",
        "Ends one instance at once; Auto Scaling starts another afterwards, or the group gets smaller.",
        Which,
        partial(take_out, way=TERMINATE),
        danger=Danger.SOME,
    )
)
register(
    Operation(
        "detach-instance",
        "Detach an instance",
        "Takes one instance out of the group and of its traffic; it runs on, to be looked at.",
        Which,
        partial(take_out, way=DETACH),
        danger=Danger.SOME,
    )
)
register(
    Operation(
        "protect-instance",
        "Protect an instance",
        "Whether scale-in passes one instance by.",
        Protection,
        protect,
        current=protection_now,
    )
)
