"""Settings of a group; what is not named stays as it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from apps.cloud.values import GroupExtras, GroupState
from apps.deployments.errors import Finding, Invalid
from apps.deployments.guard import Loss
from apps.deployments.health import healthy_everywhere
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
from apps.deployments.requests import Preview
from apps.deployments.situation import Situation
from apps.workflows.options import option, specs
from apps.workflows.plans import PlannedStep

STAYS = ("", "Leave as it is")
MEMBERS = {
    "health_check_type": "HealthCheckType",
    "health_check_grace_period": "HealthCheckGracePeriod",
    "default_cooldown": "DefaultCooldown",
    "new_instances_protected": "NewInstancesProtectedFromScaleIn",
    "termination_policies": "TerminationPolicies",
}
POLICIES = (
    "AllocationStrategy",
    "ClosestToNextInstanceHour",
    "Default",
    "NewestInstance",
    "OldestInstance",
    "OldestLaunchConfiguration",
    "OldestLaunchTemplate",
)


@dataclass(frozen=True)
class Settings:
    """An empty one stays as it is."""

    health_check_type: str = option(
        "",
        "Health check",
        "Whether Auto Scaling also replaces what its load balancers call unhealthy.",
        choices=(STAYS, ("EC2", "EC2 alone"), ("ELB", "EC2 and load balancers")),
    )
    health_check_grace_period: int | None = option(
        None,
        "Health check grace period",
        "How long a new instance may be sick before it is replaced.",
        minimum=0,
        maximum=86_400,
        unit="seconds",
    )
    default_cooldown: int | None = option(
        None,
        "Default cooldown",
        "How long simple scaling policies rest between two changes.",
        minimum=0,
        maximum=86_400,
        unit="seconds",
    )
    new_instances_protected: str = option(
        "",
        "New instances protected from scale-in",
        "Those that are there stay as they are.",
        choices=(STAYS, ("yes", "Yes"), ("no", "No")),
    )
    termination_policies: str = option(
        "", "Termination policies", f"Which instances go first, with commas between: {', '.join(POLICIES)}."
    )


def current(group: GroupState, extras: GroupExtras, part: str) -> Mapping[str, str]:
    """As AWS has them."""
    del extras, part
    now = {name: group.raw.get(member) for name, member in MEMBERS.items()}
    units = {spec.name: f" {spec.unit}" if spec.unit else "" for spec in specs(Settings)}
    return {name: f"{_word(value)}{units[name]}" for name, value in now.items() if value is not None}


def plan(situation: Situation, group: GroupState, options: Settings) -> Preview:
    """One call that names what is to change, and nothing else."""
    asked = {MEMBERS[name]: value for name, value in _given(options)}
    now = {name: group.raw.get(name) for name in asked}
    changed = {name: value for name, value in asked.items() if value != now[name]}
    words = [f"{name} {_word(now[name])} → {_word(value)}" for name, value in changed.items()]
    step = PlannedStep(
        "change-group",
        f"Set {', '.join(changed)} of {group.name}",
        {
            **where(situation, group),
            "members": changed,
            "was": {name: now[name] for name in changed},
            **other(situation, group),
        },
        tuple(f"UpdateAutoScalingGroup: {group.name} {word}" for word in words),
        expected_seconds=1,
    )
    sentence = f"Change {group.name}: {', '.join(words) or 'nothing'}"
    findings = tuple(_findings(situation, group, asked, changed))
    sick = group.name in situation.serving and any(finding.code == "replaces-sick" for finding in findings)
    stake = f"{group.name} serves, and some of its instances are replaced." if sick else ""
    return Preview(sentence, (step,) if changed else (), findings, from_group=group.name, at_stake=stake)


def _given(options: Settings) -> Iterator[tuple[str, Any]]:
    for member in fields(options):
        value = getattr(options, member.name)
        if value in (None, ""):
            continue
        if member.name == "new_instances_protected":
            yield member.name, value == "yes"
        elif member.name == "termination_policies":
            yield member.name, _policies(value)
        else:
            yield member.name, value


def _policies(text: str) -> list[str]:
    """Raises Invalid for one that AWS does not know; a Lambda function's ARN may be named as well."""
    named = [one.strip() for one in text.split(",") if one.strip()]
    if not named:
        raise Invalid({"options.termination_policies": [f"Name at least one of {', '.join(POLICIES)}."]})
    unknown = [one for one in named if one not in POLICIES and not one.startswith("arn:")]
    if unknown:
        text = f"AWS has no termination policy {' or '.join(unknown)}; it has {', '.join(POLICIES)}."
        raise Invalid({"options.termination_policies": [text]})
    return named


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, list) else str(value)


def _findings(
    situation: Situation, group: GroupState, asked: dict[str, Any], changed: dict[str, Any]
) -> Iterator[Finding]:
    if not asked:
        yield Finding("refuse", "nothing-asked", "Nothing is named that shall change.")
    elif not changed:
        yield nothing(group, "is so")
    if changed.get("HealthCheckType") == "ELB" and group.registered_with:
        seen = {source: situation.health.get(source, ()) for source in group.registered_with}
        sick = sorted({member.id for member in group.in_service} - healthy_everywhere(group, seen))
        if sick:
            text = f"Auto Scaling will replace {', '.join(sick)}, which the load balancers do not call healthy."
            yield Finding("warn", "replaces-sick", text, group.name)
            beside = others_serve(situation, group)
            load = load_with(group.desired, beside)
            yield from guarded(situation, Loss(group, frozenset(sick), carried_by=beside, load=load))


register(
    Operation(
        "settings",
        "Edit settings",
        "Changes health checks, cooldown and more; all else stays.",
        Settings,
        plan,
        current=current,
    )
)
