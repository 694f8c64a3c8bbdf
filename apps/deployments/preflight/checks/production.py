"""Enough instances in enough zones to lose one of each; by default that is asked of production environments only."""

from __future__ import annotations

from collections.abc import Iterator

from apps.deployments.errors import Finding, overridable
from apps.deployments.preflight.base import Looked, check

FEW_INSTANCES = overridable("few-instances")
FEW_ZONES = overridable("few-zones")


@check("production", "whether the group is large enough")
def large_enough(looked: Looked) -> Iterator[Finding]:
    """Refuses, unless overridden, fewer instances or zones than the cluster's policy asks for."""
    name, size, fewest = looked.preview.to_group, size_in_the_end(looked), looked.fewest
    if size < fewest.instances:
        text = (
            f"{name} would serve with {_count(size, 'instance')}, and {looked.situation.cluster} shall have "
            f"{fewest.instances} at least. Raise its size, or change fewest_instances of the cluster's policy."
        )
        yield Finding("refuse", FEW_INSTANCES, text, "fewest_instances")
    zones = len(looked.serving.zones)
    if zones < fewest.zones:
        text = (
            f"{name} would be in {_count(zones, 'zone')}, and {looked.situation.cluster} shall be in "
            f"{fewest.zones} at least. Give it subnets in more zones, or change fewest_zones of the cluster's policy."
        )
        yield Finding("refuse", FEW_ZONES, text, "fewest_zones")


def size_in_the_end(looked: Looked) -> int:
    """How many instances serve after the plan: as many as now, within the min and max that were chosen."""
    final = next((step.params["final"] for step in looked.preview.steps if "final" in step.params), None)
    now = looked.serving.desired
    return max(final["min"], min(now, final["max"])) if final else now


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
