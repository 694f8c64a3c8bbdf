"""Requests and failures for a page that never waits long for them."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlow

from apps.inventory.models import Environment
from apps.inventory.selectors.metrics import GroupMetrics, group_metrics

PATIENCE = 0.8  # seconds a page waits for CloudWatch; a later answer is in the cache for the next look

_readers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="metrics")


def rates(environment: Environment, region: str, groups: Iterable[str]) -> dict[str, GroupMetrics]:
    """The metrics of each group; none of them when CloudWatch is slow."""
    reading = _readers.submit(group_metrics, environment, region, list(groups))
    try:
        return reading.result(timeout=PATIENCE)
    except TooSlow:
        reading.cancel()  # if it has not begun: readers that hang must not gather a queue
        return {}
