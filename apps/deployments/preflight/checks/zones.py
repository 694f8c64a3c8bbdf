"""Instances in enough zones to lose one: those in which they can start, not those in which the group has subnets."""

from __future__ import annotations

from collections.abc import Iterator

from apps.deployments.errors import Finding, overridable
from apps.deployments.preflight.base import Looked, check
from apps.deployments.preflight.checks.addresses import subnets
from apps.deployments.preflight.checks.offered import by_zone
from apps.deployments.preflight.checks.production import count, size_in_the_end

FEW_ZONES = overridable("few-zones")


@check("zones", "whether the instances would be in enough zones", first=True)
def enough(looked: Looked) -> Iterator[Finding]:
    """Refuses, unless overridden, fewer zones than the cluster's policy asks for. AWS spreads them evenly."""
    least, named = looked.fewest.zones, len(looked.serving.zones)
    without, size = {}, named
    if 1 < least <= named:  # else there is nothing to find out
        without, size = dict(_without(looked)), size_in_the_end(looked)
    zones = min(named - len(without), size)
    if zones >= least:
        return
    why = "".join(f" {zone} {words}." for zone, words in without.items())
    mend = "Raise its size" if named - len(without) >= least else "Give it subnets in more zones"
    text = (
        f"{looked.preview.to_group} would be in {count(zones, 'zone')}, and {looked.situation.cluster} shall be in "
        f"{least} at least.{why} {mend}, or change fewest_zones of the cluster's policy."
    )
    yield Finding("refuse", FEW_ZONES, text, "fewest_zones")


def _without(looked: Looked) -> Iterator[tuple[str, str]]:
    """The zones of the group in which no instance would start, each with why not."""
    free = {subnet.zone for subnet in subnets(looked) if subnet.free_addresses}
    if looked.preview.to_group == looked.serving.name:  # in place, an instance leaves its address to the next
        free |= {member.zone for member in looked.serving.members}
    types = looked.types  # none: AWS chooses them by requirements, among what there is
    offered = by_zone(looked) if types else {}
    for zone in sorted(looked.serving.zones):
        if zone not in free:
            yield zone, "has no free address in a subnet of the group"
        elif types and not offered.get(zone):
            yield zone, f"offers no {' or '.join(types)}"
