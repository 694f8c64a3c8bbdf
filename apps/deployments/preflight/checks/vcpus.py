"""Whether the account's vCPU quota leaves room for the instances that are launched."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

from apps.cloud.aws import ec2, launching, quotas
from apps.deployments.errors import Finding, overridable
from apps.deployments.preflight.base import Looked, check

VCPU_QUOTA = overridable("vcpu-quota")

# Service Quotas' codes of "Running On-Demand ... instances" and "All ... Spot Instance Requests", in vCPUs
STANDARD = ("L-1216C47A", "L-34B43A08")
OTHERS = {
    "dl": ("L-6E869C2A", "L-85EED4F7"),
    "f": ("L-74FC7D96", "L-88CF9481"),
    "g": ("L-DB2E81BA", "L-3819A6DF"),
    "inf": ("L-1945791B", "L-B5D1601B"),
    "p": ("L-417A185B", "L-7212CCBC"),
    "trn": ("L-2C3B7624", "L-6B0D517C"),
    "vt": ("L-DB2E81BA", "L-3819A6DF"),
    "x": ("L-7295265B", "L-E3A00192"),
}
_STANDARD_LETTERS = frozenset("acdhimrtz")
_APART = frozenset({"hpc", "mac"})  # named like standard ones, and counted by quotas of their own


@check("vcpus", "whether the account's vCPU quota has room", first=True)
def room(looked: Looked) -> Iterator[Finding]:
    """Refuses, unless overridden, where even the smallest of the types needs more vCPUs than are left."""
    types = looked.types
    counted = [name for name in types if codes(name)]
    if not counted:
        which = f"no quota that we know counts {', '.join(types)}" if types else "AWS chooses the types by requirements"
        text = f"It is unknown whether the account's vCPU quota has room: {which}. Look at EC2's limits yourself."
        yield Finding("warn", "unknown-vcpus", text, "InstanceType")
        return
    facts = looked.read.once("types", lambda: ec2.type_facts(looked.target, types))
    smallest = min(counted, key=lambda name: facts[name].vcpus)
    on_demand, spot = split(looked)
    for count, code in zip((on_demand, spot), codes(smallest) or (), strict=True):
        if count:
            yield from _judge(looked, smallest, count * facts[smallest].vcpus, code)


def _judge(looked: Looked, name: str, need: int, code: str) -> Iterator[Finding]:
    quota = quotas.quota(looked.target, "ec2", code)
    used = quotas.used(looked.target, quota)
    if used is None:
        used = _counted(looked, code)
    left = max(quota.value - used, 0)
    if left < need:
        text = (
            f"The push starts {need} vCPUs ({name}), and the quota “{quota.name}” leaves {left:g}: {used:g} of "
            f"{quota.value:g} are used. Ask AWS to raise {code}, lower the margin, or free some."
        )
        yield Finding("refuse", VCPU_QUOTA, text, code)


def _counted(looked: Looked, code: str) -> float:
    """The vCPUs of all instances that count towards the quota: spot ones, too, so rather more than less."""
    running = looked.read.once("running", lambda: launching.running_types(looked.target))
    counted = {name: count for name, count in running.items() if code in (codes(name) or ())}
    facts = ec2.type_facts(looked.target, counted)
    return float(sum(facts[name].vcpus * count for name, count in counted.items()))


def codes(instance_type: str) -> tuple[str, str] | None:
    """The quotas that count a type, on demand and spot; None for those with a quota of their family alone."""
    found = re.match(r"[a-z]+", instance_type)
    family = found[0] if found else ""
    if family in OTHERS:
        return OTHERS[family]
    return STANDARD if family not in _APART and family[:1] in _STANDARD_LETTERS else None


def split(looked: Looked) -> tuple[int, int]:
    """How many instances are launched on demand, and how many as spot ones."""
    count = looked.launches
    market = (looked.template.data.get("InstanceMarketOptions") or {}).get("MarketType")
    if market == "spot":
        return 0, count
    mixed: dict[str, Any] = looked.serving.raw.get("MixedInstancesPolicy") or {}
    wanted = mixed.get("InstancesDistribution") or {}
    base = min(wanted.get("OnDemandBaseCapacity") or 0, count)
    percent = wanted.get("OnDemandPercentageAboveBaseCapacity")
    above = math.ceil((count - base) * (100 if percent is None else percent) / 100)
    return base + above, count - base - above
