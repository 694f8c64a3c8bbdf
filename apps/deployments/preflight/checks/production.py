"""Enough instances to lose one; by default that is asked of production environments only, as of zones."""

from __future__ import annotations

from collections.abc import Iterator

from apps.deployments.errors import Finding, overridable
from apps.deployments.preflight.base import Looked, check

FEW_INSTANCES = overridable("few-instances")


@check("production", "whether the group is large enough", first=True)
def large_enough(looked: Looked) -> Iterator[Finding]:
    """Refuses, unless overridden, fewer instances than the cluster's policy asks for."""
    name, size, fewest = looked.preview.to_group, size_in_the_end(looked), looked.fewest
    if size < fewest.instances:
        text = (
            f"{name} would serve with {count(size, 'instance')}, and {looked.situation.cluster} shall have "
            f"{fewest.instances} at least. Raise its size, or change fewest_instances of the cluster's policy."
        )
        yield Finding("refuse", FEW_INSTANCES, text, "fewest_instances")


def size_in_the_end(looked: Looked) -> int:
    """How many instances serve after the plan: as many as now, within the min and max that were chosen."""
    final = next((step.params["final"] for step in looked.preview.steps if "final" in step.params), None)
    now = looked.serving.desired
    return max(final["min"], min(now, final["max"])) if final else now


def count(number: int, noun: str) -> str:
    """ "1 zone", "2 zones"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
