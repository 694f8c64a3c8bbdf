"""What passed, per load balancer and target group, between two readings."""

from __future__ import annotations

from apps.localcloud.interfaces import Traffic


class Count:
    """Running numbers for one (load balancer, target group); times in seconds."""

    __slots__ = ("elb_5xx", "requests", "statuses", "time_max", "time_min", "time_sum")

    def __init__(self) -> None:
        self.requests = 0
        self.statuses = [0] * 10  # by first digit
        self.elb_5xx = 0
        self.time_sum = 0.0
        self.time_min = float("inf")
        self.time_max = 0.0

    def answered(self, status: int, seconds: float) -> None:
        """A target answered `status`, its head arriving after `seconds`."""
        self.statuses[status // 100] += 1
        self.time_sum += seconds
        self.time_min = min(self.time_min, seconds)
        self.time_max = max(self.time_max, seconds)


class Counters:
    """All counts since the last reading."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], Count] = {}

    def of(self, load_balancer: str, group: str) -> Count:
        """The count to add to; do not keep it, the next reading starts new ones."""
        count = self._counts.get((load_balancer, group))
        if count is None:
            count = self._counts[load_balancer, group] = Count()
        return count

    def take(self) -> list[Traffic]:
        """The counts so far; counting starts again from nothing."""
        taken, self._counts = self._counts, {}
        return [_traffic(key, count) for key, count in taken.items()]


def _traffic(key: tuple[str, str], count: Count) -> Traffic:
    fastest = count.time_min if count.time_max else 0.0
    return Traffic(
        load_balancer=key[0],
        target_group=key[1],
        requests=count.requests,
        target_2xx=count.statuses[2],
        target_3xx=count.statuses[3],
        target_4xx=count.statuses[4],
        target_5xx=count.statuses[5],
        elb_5xx=count.elb_5xx,
        response_time_sum=count.time_sum,
        response_time_min=fastest,
        response_time_max=count.time_max,
    )
