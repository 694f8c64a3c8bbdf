"""Requests, errors and latency since the last report, and the CloudWatch data they make."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass
class Count:
    """Numbers of one period; times in seconds."""

    requests: int = 0
    errors: int = 0
    time_sum: float = 0.0
    time_min: float = float("inf")
    time_max: float = 0.0


class Window:
    """The period that is running now."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = Count()

    def add(self, seconds: float, *, failed: bool) -> None:
        """One request was answered."""
        with self._lock:
            count = self._count
            count.requests += 1
            count.errors += failed
            count.time_sum += seconds
            count.time_min = min(count.time_min, seconds)
            count.time_max = max(count.time_max, seconds)

    def take(self) -> Count:
        """The period's numbers; a new period begins."""
        with self._lock:
            taken, self._count = self._count, Count()
            return taken


def put_metric_data(count: Count, namespace: str, group: str, now: datetime) -> dict[str, str]:
    """The form of a PutMetricData call, each metric by Auto Scaling group: a version has a group of its own."""
    form = {"Action": "PutMetricData", "Version": "2010-08-01", "Namespace": namespace}
    stamp = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    for index, (name, unit, values) in enumerate(_metrics(count), 1):
        prefix = f"MetricData.member.{index}"
        form |= {f"{prefix}.MetricName": name, f"{prefix}.Unit": unit, f"{prefix}.Timestamp": stamp}
        form[f"{prefix}.StorageResolution"] = "1"  # so that periods below a minute can be read
        form |= {f"{prefix}.{key}": repr(value) for key, value in values.items()}
        form[f"{prefix}.Dimensions.member.1.Name"] = "AutoScalingGroupName"
        form[f"{prefix}.Dimensions.member.1.Value"] = group
    return form


def _metrics(count: Count) -> list[tuple[str, str, dict[str, float]]]:
    metrics: list[tuple[str, str, dict[str, float]]] = [
        ("Requests", "Count", {"Value": float(count.requests)}),
        ("Errors", "Count", {"Value": float(count.errors)}),
    ]
    if count.requests:
        latency = {
            "StatisticValues.SampleCount": float(count.requests),
            "StatisticValues.Sum": round(count.time_sum * 1000, 3),
            "StatisticValues.Minimum": round(count.time_min * 1000, 3),
            "StatisticValues.Maximum": round(count.time_max * 1000, 3),
        }
        metrics.append(("Latency", "Milliseconds", latency))
    return metrics
