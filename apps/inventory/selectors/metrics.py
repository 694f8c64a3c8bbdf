"""Requests, errors and latency of groups, as their instances publish them to CloudWatch.

Read from AWS through a cache of a few seconds, so that everybody who looks at a cluster shares one read.
"""

from __future__ import annotations

import hashlib
import logging
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from apps.cloud.aws import cloudwatch
from apps.cloud.errors import CloudError
from apps.cloud.values import MetricQuery, MetricSeries
from apps.inventory.models import Environment

logger = logging.getLogger(__name__)

SHARED_FOR = 4  # seconds
MOST = 120  # periods between two moments
FINE = (1, 5, 10, 30)  # seconds: the periods under a minute that CloudWatch knows
LATE = 5.0  # seconds after its end until a period is taken as complete: instances report every few seconds
DIMENSION = "AutoScalingGroupName"


@dataclass(frozen=True)
class GroupMetrics:
    """The latest complete period, and the periods before it, oldest first. None: nothing was ever published.

    Rates are a second; latency is the mean in milliseconds.
    """

    requests_per_second: float | None = None
    errors_per_second: float | None = None
    latency: float | None = None
    times: tuple[datetime, ...] = ()
    requests: tuple[float, ...] = ()  # a second, one a period
    errors: tuple[float, ...] = ()  # a second, one a period
    latencies: tuple[float | None, ...] = ()  # None: no request in that period
    known_until: datetime | None = None  # the end of the latest of them of which anything was published
    answered: bool = True  # False: CloudWatch did not tell

    @property
    def failure_percent(self) -> float | None:
        """Errors of requests in the latest period; None without requests."""
        if not self.requests_per_second:
            return None
        return 100.0 * (self.errors_per_second or 0.0) / self.requests_per_second


def group_metrics(
    environment: Environment, region: str, groups: Iterable[str], minutes: int = 10
) -> dict[str, GroupMetrics]:
    """The metrics of each group over the last minutes; empty ones when CloudWatch does not answer."""
    period = settings.METRICS_PERIOD

    def read(names: list[str]) -> dict[str, GroupMetrics]:
        end = timezone.now()
        return _read(environment, region, names, end - timedelta(minutes=minutes), end, period)

    return _shared(f"{environment.pk} {region} {minutes}", groups, read)


def metrics_between(
    environment: Environment, region: str, groups: Iterable[str], start: datetime, end: datetime
) -> dict[str, GroupMetrics]:
    """The metrics of each group between two moments, in at most MOST periods; empty ones as above."""
    period = period_of(start, end, timezone.now())

    def read(names: list[str]) -> dict[str, GroupMetrics]:
        return _read(environment, region, names, start, min(end, timezone.now()), period)

    moments = " ".join(str(each.timestamp() // SHARED_FOR) for each in (start, end))
    return _shared(f"{environment.pk} {region} {moments}", groups, read)


def period_of(start: datetime, end: datetime, now: datetime) -> int:
    """Seconds of a period: CloudWatch forgets those under a minute after 3 hours, those under five after 15 days."""
    base: int = settings.METRICS_PERIOD
    age = now - start
    least = base if age < timedelta(hours=3) else 60 if age < timedelta(days=15) else 300
    wanted, step = max((end - start).total_seconds() / MOST, least), max(least, 60)
    return next((each for each in FINE if each >= wanted), math.ceil(wanted / step) * step)


def _shared(
    asked: str, groups: Iterable[str], read: Callable[[list[str]], dict[str, GroupMetrics]]
) -> dict[str, GroupMetrics]:
    names = sorted(set(groups))
    if not names:
        return {}
    digest = hashlib.blake2b(f"{asked} {' '.join(names)}".encode(), digest_size=16).hexdigest()
    key = f"inventory-metrics-{digest}"
    found: dict[str, GroupMetrics] | None = cache.get(key)
    if found is None:
        found = read(names)
        cache.set(key, found, SHARED_FOR)
    return found


def _read(
    environment: Environment, region: str, names: list[str], start: datetime, end: datetime, period: int
) -> dict[str, GroupMetrics]:
    start = _floor(start, period)
    queries = [query for name in names for query in _queries(name, period)]
    try:
        series = cloudwatch.get_metrics(environment.target(region), queries, start, end + timedelta(seconds=1))
    except CloudError as error:
        logger.warning("metrics of %s %s not read: %s", environment.name, region, error)
        return {name: GroupMetrics(answered=False) for name in names}
    periods = _periods(start, end, period)
    return {name: _metrics(series, name, periods, period) for name in names}


def _queries(group: str, period: int) -> list[MetricQuery]:
    namespace, dimensions = settings.METRICS_NAMESPACE, {DIMENSION: group}
    return [
        MetricQuery(f"{group} {kind}", namespace, metric, statistic, period, dimensions)
        for kind, metric, statistic in (
            ("requests", settings.METRICS_REQUESTS, "Sum"),
            ("errors", settings.METRICS_ERRORS, "Sum"),
            ("latency", settings.METRICS_LATENCY, "Average"),
        )
    ]


def _metrics(series: dict[str, MetricSeries], group: str, periods: tuple[datetime, ...], period: int) -> GroupMetrics:
    counted = _by_period(series[f"{group} requests"])
    if not counted or not periods:
        return GroupMetrics()
    failed, taken = _by_period(series[f"{group} errors"]), _by_period(series[f"{group} latency"])
    requests = tuple(counted.get(time, 0.0) / period for time in periods)
    errors = tuple(failed.get(time, 0.0) / period for time in periods)
    latencies = tuple(map(taken.get, periods))
    known_until = min(max(counted), periods[-1]) + timedelta(seconds=period)
    return GroupMetrics(requests[-1], errors[-1], latencies[-1], periods, requests, errors, latencies, known_until)


def _by_period(series: MetricSeries) -> dict[datetime, float]:
    return {time.astimezone(UTC): value for time, value in zip(series.times, series.values, strict=True)}


def _periods(start: datetime, end: datetime, period: int) -> tuple[datetime, ...]:
    """The beginnings of the complete periods."""
    count = int((end - start).total_seconds() - LATE) // period
    return tuple(start + timedelta(seconds=number * period) for number in range(count))


def _floor(time: datetime, period: int) -> datetime:
    return datetime.fromtimestamp(time.timestamp() // period * period, UTC)
