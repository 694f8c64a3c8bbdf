"""How many calls may be made: buckets per account, region, service and kind (reading, changing), shared by everybody.

AWS limits calls per account and region, whoever makes them. Before each call a token is taken; when AWS throttles
nonetheless (other programs share the account), the rate is cut for all processes at once and recovers gradually, so
that many pollers together come below the limit instead of each trying again at once.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from apps.cloud.aws import buckets, shared
from apps.cloud.aws.buckets import Bucket
from apps.cloud.errors import Throttled
from apps.cloud.values import Target

PATIENCE = 2.0  # seconds that a call waits for its turn; if that is not enough, its caller comes again later
REQUEST = 20.0  # seconds in which somebody's request comes again by itself, so that it is not refused for a burst
BURST = 5.0  # seconds' worth of calls that may be saved up
ATTEMPTS = 5  # of one reading call, the first included
BUDGET = 8.0  # seconds after which no further attempt begins: a caller's lease must outlive a read


@dataclass(frozen=True)
class Rates:
    """Calls a second to one service in one account and region."""

    reads: float = 20.0
    changes: float = 10.0


_rates = Rates()
_until: ContextVar[float] = ContextVar("until when calls come again by themselves", default=0.0)


@contextmanager
def patiently(seconds: float = REQUEST) -> Iterator[None]:
    """Within, calls that are held back come again by themselves for so long, with no claim before others."""
    token = _until.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _until.reset(token)


def configure(redis_url: str, rates: Rates) -> None:
    """Which Redis holds the buckets that all processes share (empty: each has its own), and how fast they fill."""
    global _rates
    _rates = rates
    shared.configure(redis_url)
    buckets.forget()


def wait_turn(target: Target, service: str, operation: str, *, changing: bool) -> None:
    """Returns once the call may be made, within PATIENCE. Raises Throttled when its turn would come later."""
    wait = buckets.take(_bucket(target, service, changing), PATIENCE)
    while wait < 0 and time.monotonic() - wait < _until.get():
        time.sleep(max(0.0, -wait - PATIENCE) + random.uniform(0.0, 0.5))  # noqa: S311 - jitter, not a secret
        wait = buckets.take(_bucket(target, service, changing), PATIENCE)
    if wait < 0:
        raise Throttled(
            f"{operation} was held back: {target.account} {target.region} takes no more calls to {service} now, "
            f"for about {-wait:.1f} s.",
            operation=operation,
        )
    if wait:
        time.sleep(wait)


def throttled(target: Target, service: str, *, changing: bool) -> None:
    """AWS throttled such a call: everybody makes fewer of them for a while."""
    buckets.cut(_bucket(target, service, changing))


def back_off(attempt: int) -> None:
    """Sleeps before attempt number `attempt` + 1 of a read that got no answer."""
    time.sleep(random.uniform(0.0, min(2.0, 0.1 * 2**attempt)))  # noqa: S311 - jitter, not a secret


def _bucket(target: Target, service: str, changing: bool) -> Bucket:
    rate = _rates.changes if changing else _rates.reads
    kind = "changes" if changing else "reads"
    return Bucket(f"{target.account}:{target.region}:{service}:{kind}", rate, rate * BURST)
