"""How fast reading calls are repeated: one shared brake per account, region and service, released by success.

AWS limits Describe calls per account and region. A throttled read slows every later read of that service there,
not only itself, so that many pollers together come below the limit instead of each trying again at once.
"""

from __future__ import annotations

import random
import threading
import time

from apps.cloud.values import Target

FIRST_PAUSE = 0.2  # seconds, after one throttled call
LONGEST_PAUSE = 5.0
ATTEMPTS = 5  # of one reading call, the first included
BUDGET = 8.0  # seconds after which no further attempt begins: a caller's lease must outlive a read

_lock = threading.Lock()
_pauses: dict[tuple[str, str, str], float] = {}


def wait_turn(target: Target, service: str) -> None:
    """Sleeps a random part of the brake in force; returns at once when nothing was throttled lately."""
    pause = brake(target, service)
    if pause:
        time.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - jitter, not a secret


def brake(target: Target, service: str) -> float:
    """The pause in force before each read, in seconds; 0 when nothing was throttled lately."""
    return _pauses.get(_key(target, service), 0.0)


def throttled(target: Target, service: str) -> None:
    """Pulls the brake: doubles the pause before each read of this service there."""
    with _lock:
        key = _key(target, service)
        _pauses[key] = min(LONGEST_PAUSE, max(FIRST_PAUSE, _pauses.get(key, 0.0) * 2))


def answered(target: Target, service: str) -> None:
    """Releases the brake by half; below a few milliseconds it is let go."""
    key = _key(target, service)
    if key in _pauses:
        with _lock:
            pause = _pauses.pop(key, 0.0) / 2
            if pause > FIRST_PAUSE / 16:
                _pauses[key] = pause


def back_off(attempt: int) -> None:
    """Sleeps before attempt number `attempt` + 1 of a read that got no answer."""
    time.sleep(random.uniform(0.0, min(2.0, 0.1 * 2**attempt)))  # noqa: S311 - jitter, not a secret


def _key(target: Target, service: str) -> tuple[str, str, str]:
    return (target.account, target.region, service)
