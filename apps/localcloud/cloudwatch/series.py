"""A metric as CloudWatch keeps it: values aggregated into buckets, the finer ones for a shorter time."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

FINE, COARSE = 1, 60  # seconds of a bucket: high and standard resolution
_KEPT = {FINE: 3 * 3600, COARSE: 15 * 24 * 3600}  # seconds each is kept
_DISTINCT = 400  # different values of a bucket that are kept for percentiles


@dataclass
class Bucket:
    """Everything put within one bucket's time."""

    count: float = 0.0
    total: float = 0.0
    low: float = math.inf
    high: float = -math.inf
    values: Counter[float] = field(default_factory=Counter)
    whole: bool = True  # `values` holds everything, so that percentiles can be told

    def add(self, value: float, count: float = 1.0) -> None:
        self._add(count, value * count, value, value)
        if len(self.values) >= _DISTINCT and value not in self.values:
            value = float(f"{value:.2g}")  # near enough once there are hundreds
        self.values[value] += count  # type: ignore[assignment]  # counts may be fractions

    def add_set(self, count: float, total: float, low: float, high: float) -> None:
        """A StatisticValues set, of which the single values are unknown (unless they are all the same)."""
        if low == high:
            self.add(low, count)
            return
        self._add(count, total, low, high)
        self.whole = False

    def _add(self, count: float, total: float, low: float, high: float) -> None:
        self.count += count
        self.total += total
        self.low, self.high = min(self.low, low), max(self.high, high)


@dataclass
class Series:
    """One metric with its dimensions. `divisor` makes its buckets shorter, for clouds on which minutes are."""

    unit: str = "None"
    divisor: float = 1.0
    last: float = 0.0  # the newest moment that was put
    buckets: dict[int, Bucket] = field(default_factory=dict)  # by beginning, in milliseconds of Unix time
    _length: int = 0  # milliseconds

    def __post_init__(self) -> None:
        self._length = self._milliseconds(COARSE)

    def _milliseconds(self, seconds: float) -> int:
        return max(1, round(1000 * seconds / self.divisor))

    @property
    def fine(self) -> bool:
        return self._length < self._milliseconds(COARSE)

    def bucket(self, moment: float, resolution: int) -> Bucket:
        """The bucket of `moment` (Unix time). A series that was once fine stays so."""
        self._length = min(self._length, self._milliseconds(FINE if resolution == FINE else COARSE))
        self.last = max(self.last, moment)
        start = int(moment * 1000) // self._length * self._length
        if start not in self.buckets:
            self._prune(moment)
            self.buckets[start] = Bucket()
        return self.buckets[start]

    def _prune(self, moment: float) -> None:
        oldest = 1000 * (moment - _KEPT[FINE if self.fine else COARSE])
        if self.buckets and next(iter(self.buckets)) < oldest:
            self.buckets = {start: bucket for start, bucket in self.buckets.items() if start >= oldest}

    def between(self, start: float, end: float, period: int) -> dict[int, Bucket]:
        """Buckets of `period` seconds, by their beginning, that begin in [start, end)."""
        merged: dict[int, list[Bucket]] = {}
        for milliseconds, bucket in self.buckets.items():
            begin = milliseconds // (period * 1000) * period
            if start <= milliseconds / 1000 < end or start <= begin < end:
                merged.setdefault(begin, []).append(bucket)
        return {begin: merge(merged[begin]) for begin in sorted(merged)}

    def within(self, start: float, end: float) -> Bucket | None:
        """Everything from `start` to before `end` (Unix time, on the edges of buckets); None when that is nothing."""
        first = round(start * 1000) // self._length * self._length
        found = [self.buckets[one] for one in range(first, round(end * 1000), self._length) if one in self.buckets]
        return merge(found) if found else None


def merge(buckets: Iterable[Bucket]) -> Bucket:
    merged = Bucket()
    for one in buckets:
        merged._add(one.count, one.total, one.low, one.high)  # noqa: SLF001 - its own class
        merged.values.update(one.values)
        merged.whole = merged.whole and one.whole
    return merged


def statistic(bucket: Bucket, name: str) -> float | None:
    """Sum, Average, Minimum, Maximum, SampleCount or a percentile (p99, p99.9); None where there is none.

    Percentiles are by nearest rank over the values put; sets of unknown values have none, as on AWS.
    Raises ValueError for a name that is no statistic.
    """
    simple = {
        "Sum": bucket.total,
        "Average": bucket.total / bucket.count if bucket.count else None,
        "Minimum": bucket.low,
        "Maximum": bucket.high,
        "SampleCount": bucket.count,
    }
    if name in simple:
        return simple[name]
    if not name.startswith("p"):
        raise ValueError(name)
    share = float(name[1:]) / 100
    if not 0 <= share <= 1:
        raise ValueError(name)
    return _percentile(bucket, share) if bucket.whole else None


def _percentile(bucket: Bucket, share: float) -> float | None:
    rank = share * sum(bucket.values.values())
    passed = 0.0
    for value in sorted(bucket.values):
        passed += bucket.values[value]
        if passed >= rank:
            return value
    return None
