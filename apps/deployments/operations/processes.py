"""Suspending and resuming what Auto Scaling does by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

from apps.cloud.values import GroupExtras, GroupState
from apps.deployments.errors import Finding
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
from apps.deployments.requests import Preview
from apps.deployments.situation import Situation
from apps.workflows.counting import instances
from apps.workflows.options import option
from apps.workflows.plans import PlannedStep

SUSPEND, RESUME = "suspend", "resume"
AT_STAKE = {"not-added", "not-replaced", "shrinks"}  # of a group that serves: what warns of it


def _process(label: str, words: str) -> str:
    chosen: str = option("", label, words, choices=(("", "Leave as it is"), (SUSPEND, "Suspend"), (RESUME, "Resume")))
    return chosen


@dataclass(frozen=True)
class Processes:
    """By process, in AWS's names."""

    Launch: str = _process("Launch", "New instances. Suspended, nothing that ends is replaced.")
    Terminate: str = _process("Terminate", "Ending instances. Suspended, nothing is scaled in or replaced.")
    HealthCheck: str = _process("HealthCheck", "Looking whether instances are healthy.")
    ReplaceUnhealthy: str = _process("ReplaceUnhealthy", "Replacing instances that are not.")
    AZRebalance: str = _process("AZRebalance", "Evening out Availability Zones.")
    AlarmNotification: str = _process("AlarmNotification", "Scaling policies.")
    ScheduledActions: str = _process("ScheduledActions", "Scheduled actions.")
    AddToLoadBalancer: str = _process(
        "AddToLoadBalancer", "Registering new instances with what sends the group traffic."
    )
    InstanceRefresh: str = _process("InstanceRefresh", "Instance refreshes.")


def current(group: GroupState, extras: GroupExtras, part: str) -> Mapping[str, str]:
    """Which run, and which are suspended, with what AWS noted of why."""
    del extras, part
    suspended = {name: f"suspended ({why})" if why else "suspended" for name, why in group.suspended.items()}
    return {member.name: suspended.get(member.name, "runs") for member in fields(Processes)}


def plan(situation: Situation, group: GroupState, options: Processes) -> Preview:
    """What runs is suspended, what is suspended resumed."""
    chosen = {member.name: getattr(options, member.name) for member in fields(options)}
    suspend = sorted(name for name, act in chosen.items() if act == SUSPEND and name not in group.suspended)
    resume = sorted(name for name, act in chosen.items() if act == RESUME and name in group.suspended)
    words = [f"{act} {', '.join(names)}" for act, names in ((SUSPEND, suspend), (RESUME, resume)) if names]
    said = f"{' and '.join(words) or 'change no process'} of {group.name}"
    sentence = said[:1].upper() + said[1:]
    step = PlannedStep(
        "set-processes",
        sentence,
        {**where(situation, group), SUSPEND: suspend, RESUME: resume, **other(situation, group)},
        tuple(
            f"{call}: {', '.join(names)} of {group.name}"
            for call, names in (("SuspendProcesses", suspend), ("ResumeProcesses", resume))
            if names
        ),
        expected_seconds=1,
    )
    findings = tuple(_findings(situation, group, any(chosen.values()), suspend, resume))
    risky = group.name in situation.serving and AT_STAKE & {finding.code for finding in findings}
    stake = f"{group.name} serves, and depends on what this changes." if risky else ""
    return Preview(sentence, (step,) if words else (), findings, from_group=group.name, at_stake=stake)


def _findings(
    situation: Situation, group: GroupState, asked: bool, suspend: list[str], resume: list[str]
) -> Iterator[Finding]:
    if not asked:
        yield Finding("refuse", "nothing-asked", "No process is named to be suspended or resumed.")
    elif not suspend and not resume:
        yield nothing(group, "is so")
    if resume and group.name in {kept.name for kept in situation.kept}:
        text = f"{group.name} stands by for a rollback and is held at its size; resumed, it may shrink."
        yield Finding("warn", "stands-by", text, group.name)
    if {"HealthCheck", "Launch", "ReplaceUnhealthy", "Terminate"} & set(suspend):
        text = f"Until it is resumed, {group.name} does not replace instances that end or fall sick."
        yield Finding("warn", "not-replaced", text, group.name)
    if "AddToLoadBalancer" in suspend:
        text = f"Until it is resumed, new instances of {group.name} get no requests, nor later by themselves."
        yield Finding("warn", "not-added", text, group.name)
    if "Terminate" in resume and len(group.members) > group.desired:
        text = f"{group.name} has {instances(len(group.members))} and wants {group.desired}: some are ended at once."
        yield Finding("warn", "shrinks", text, group.name)
        beside = others_serve(situation, group)
        load = load_with(group.desired, beside)
        yield from guarded(situation, Loss(group, frozenset(), group.desired, beside, load))


register(
    Operation(
        "processes",
        "Suspend or resume processes",
        "What Auto Scaling does by itself, on or off.",
        Processes,
        plan,
        danger=Danger.LITTLE,
        current=current,
    )
)
