"""All metrics of one account and region."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from apps.localcloud.cloud import Cloud
from apps.localcloud.cloudwatch.series import Series

Dimensions = tuple[tuple[str, str], ...]  # (name, value), sorted
Key = tuple[str, str, Dimensions]  # namespace, metric name, dimensions


def dimensions(given: Iterable[Mapping[str, str]]) -> Dimensions:
    return tuple(sorted((one["Name"], one["Value"]) for one in given))


@dataclass
class Metrics:
    series: dict[Key, Series] = field(default_factory=dict)
    divisor: float = 1.0  # that of the series
    watchers: dict[Key, dict[str, Callable[[], None]]] = field(default_factory=dict)  # called when one is put to

    def of(self, namespace: str, name: str, where: Dimensions) -> Series:
        """The series to put to, made if there is none."""
        key = (namespace, name, where)
        if key not in self.series:
            self.series[key] = Series(divisor=self.divisor)
        for wake in self.watchers.get(key, {}).values():
            wake()
        return self.series[key]

    def find(self, namespace: str, name: str, where: Dimensions) -> Series | None:
        return self.series.get((namespace, name, where))

    def matching(self, namespace: str | None, name: str | None, wanted: Dimensions) -> Iterator[tuple[Key, Series]]:
        """Series of the namespace, name and dimensions given; a wanted dimension without value takes any."""
        for key, series in self.series.items():
            has = dict(key[2])
            if namespace not in (None, key[0]) or name not in (None, key[1]):
                continue
            if all(one in has and value in ("", has[one]) for one, value in wanted):
                yield key, series


def metrics(cloud: Cloud, account: str, region: str) -> Metrics:
    found = cloud.state(Metrics, account, region)
    found.divisor = cloud.options.scaling_divisor
    return found
