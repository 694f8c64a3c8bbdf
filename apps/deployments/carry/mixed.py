"""A mixed instances policy as the next group gets it: the same, with the new template version pinned inside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apps.cloud.values import Described, GroupState
from apps.deployments.carry.rewrite import plain
from apps.deployments.carry.tables import MIXED, MIXED_TEMPLATE, OVERRIDE
from apps.deployments.errors import Finding

MEMBER = "MixedInstancesPolicy"


def policy(group: GroupState) -> dict[str, Any]:
    """MixedInstancesPolicy of CreateAutoScalingGroup without its template, which comes later; empty without one."""
    described = _described(group)
    if not described:
        return {}
    template = plain(MIXED_TEMPLATE.payload(described.get("LaunchTemplate") or {}))
    return {**plain(MIXED.payload(described)), "LaunchTemplate": template}


def with_template(mixed: dict[str, Any], template: Described) -> dict[str, Any]:
    """The policy launching from a LaunchTemplateSpecification."""
    return {**mixed, "LaunchTemplate": {**mixed["LaunchTemplate"], "LaunchTemplateSpecification": template}}


def instance_types(group: GroupState) -> tuple[str, ...]:
    """The instance types by name that the policy launches from the group's own template."""
    found = {each.get("InstanceType", "") for each in _overrides(group) if "LaunchTemplateSpecification" not in each}
    return tuple(sorted(found - {""}))


def findings(group: GroupState) -> Iterator[Finding]:
    """What speaks against carrying the policy, or should be known before."""
    described = _described(group)
    if not described:
        return
    whose = f"The mixed instances policy of {group.name}"
    yield from MIXED.findings(described, whose)
    yield from MIXED_TEMPLATE.findings(described.get("LaunchTemplate") or {}, whose)
    for override in _overrides(group):
        yield from OVERRIDE.findings(override, whose)
        yield from _override(group, override)


def _override(group: GroupState, override: Described) -> Iterator[Finding]:
    kind = override.get("InstanceType") or "an override"
    if override.get("WeightedCapacity") not in (None, "", "1"):
        text = f"{group.name} cannot be pushed: it counts {kind} as {override['WeightedCapacity']} units of capacity,"
        yield Finding(
            "refuse", "not-carried", f"{text} and a push counts instances. Take the weights out.", "WeightedCapacity"
        )
    own = override.get("LaunchTemplateSpecification")
    if own:
        name = own.get("LaunchTemplateName") or own.get("LaunchTemplateId")
        text = f"Instances of {kind} launch from the template {name}, whose AMI a push does not replace."
        yield Finding("warn", "own-template", text, "LaunchTemplateSpecification")


def _described(group: GroupState) -> Described:
    return group.raw.get(MEMBER) or {}


def _overrides(group: GroupState) -> list[Described]:
    return list((_described(group).get("LaunchTemplate") or {}).get("Overrides") or ())
