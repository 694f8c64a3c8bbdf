"""CloudWatch metrics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class MetricQuery:
    """One series to read: `key` names it in the answer, `period` is in seconds, `statistic` as Sum or p99."""

    key: str
    namespace: str
    metric: str
    statistic: str
    period: int
    dimensions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class MetricSeries:
    """Points of one series, oldest first."""

    key: str
    times: tuple[datetime, ...]
    values: tuple[float, ...]
