"""How much of something an account may have in a region."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Quota:
    """A quota as Service Quotas answers it; the metric says where CloudWatch tells how much of it is used, if it does.

    `statistic` is the one AWS recommends for that metric.
    """

    code: str
    name: str
    value: float
    namespace: str = ""
    metric: str = ""
    dimensions: Mapping[str, str] = field(default_factory=dict)
    statistic: str = "Maximum"


@dataclass(frozen=True)
class ScalingLimits:
    """Auto Scaling's limits of an account in a region, and what is there."""

    groups: int
    most_groups: int
