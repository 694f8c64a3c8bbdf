"""Whether the instance type can be had in each zone of the group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from apps.cloud.aws import launching
from apps.deployments.errors import Finding
from apps.deployments.preflight.base import Looked, check
from apps.deployments.preflight.checks.addresses import subnets


@check("offered", "whether the instance type is offered in each zone of the group", first=True)
def offered(looked: Looked) -> Iterator[Finding]:
    """Refuses types that no zone of the group offers; warns of a zone that offers none of them."""
    types = looked.types
    if not types:  # AWS chooses them by requirements, among what there is
        return
    there = by_zone(looked)
    zones = sorted({subnet.zone for subnet in subnets(looked)} or set(looked.serving.zones))
    without = [zone for zone in zones if not there.get(zone)]
    words = " or ".join(types)
    if zones and without == zones:
        text = f"{words} is not offered in {', '.join(zones)}. Set another type in the launch template."
        yield Finding("refuse", "not-offered", text, "InstanceType")
    elif without:
        text = (
            f"{words} is not offered in {', '.join(without)}: launches fail there. "
            "Take that zone's subnet out of the group, or set another type."
        )
        yield Finding("warn", "not-offered-everywhere", text, "InstanceType")


def by_zone(looked: Looked) -> Mapping[str, frozenset[str]]:
    """The zones of the region, each with those of the group's instance types that can be had there."""
    return looked.read.once("offered", lambda: launching.offered(looked.target, looked.types))
