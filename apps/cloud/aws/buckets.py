"""Token buckets whose rate is cut for everybody when AWS throttles, and recovers by itself.

In Redis by one atomic script, by Redis's clock; the same in this process alone where Redis is gone. Who comes while a
bucket is empty is given a time in the near future, in the order of coming, or is sent away.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

import redis

from apps.cloud.aws import shared

RECOVERS_IN = 60.0  # seconds until a rate cut to nothing would be whole again
LOWEST = 1 / 32  # of its rate: what is left of a bucket at least, however often it was cut
CUT_APART = 1.0  # seconds between two cuts: what is throttled at the same time counts once
ALONE = 0.25  # of its rate: what a process allows itself while it cannot ask the others

_PREFIX = "deployconsole:bucket:"
_FORGOTTEN_AFTER = 600  # seconds

_SCRIPT = """
local full, burst, patience, cut = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4] == '1'
local recovers, lowest, apart = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'rate', 'at', 'cut')
local rate, at, last = tonumber(kept[2]) or full, tonumber(kept[3]) or now, tonumber(kept[4]) or 0
local passed = math.max(0, now - at)
rate = math.min(full, rate + passed * full / recovers)
local most = math.max(1, burst * rate / full)
local tokens = math.min(most, (tonumber(kept[1]) or most) + passed * rate)
local wait = 0
if cut then
  tokens = math.min(tokens, 0)
  if now - last >= apart then
    rate = math.max(full * lowest, rate / 2)
    last = now
  end
elseif tokens - 1 >= -patience * rate then
  tokens = tokens - 1
  wait = math.max(0, -tokens / rate)
else
  wait = -(1 - tokens) / rate
end
redis.call('HSET', KEYS[1], 'tokens', tokens, 'rate', rate, 'at', string.format('%.6f', now), 'cut', last)
redis.call('EXPIRE', KEYS[1], tonumber(ARGV[8]))
return tostring(wait)
"""


@dataclass(frozen=True)
class Bucket:
    """`rate` is tokens a second while nothing is throttled; `burst` is how many may be saved up."""

    name: str
    rate: float
    burst: float


def take(bucket: Bucket, patience: float) -> float:
    """Takes a token. Seconds until it may be used, `patience` at most; below 0 it was not given, for so long."""
    try:
        return _shared(bucket, patience, cut=False)
    except shared.Absent:
        return _alone(bucket).take(patience)


def cut(bucket: Bucket) -> None:
    """AWS throttled: the rate is halved for everybody, and nothing is saved up."""
    try:
        _shared(bucket, 0.0, cut=True)
    except shared.Absent:
        _alone(bucket).cut()


def forget() -> None:
    """Every bucket of this process alone is full again; those in Redis stay as they are."""
    with _lock:
        _own.clear()


def _shared(bucket: Bucket, patience: float, *, cut: bool) -> float:
    wanted = (bucket.rate, bucket.burst, patience, int(cut), RECOVERS_IN, LOWEST, CUT_APART, _FORGOTTEN_AFTER)

    def ask(client: redis.Redis) -> float:
        return float(client.register_script(_SCRIPT)(keys=[_PREFIX + bucket.name], args=list(wanted)))

    return shared.ask(ask)


class _Own:
    """A bucket of this process alone, by the same rules as the script."""

    def __init__(self, rate: float, burst: float) -> None:
        self.full = self.rate = rate
        self.burst = self.tokens = burst
        self.at, self.last = time.monotonic(), -CUT_APART
        self.lock = threading.Lock()

    def take(self, patience: float) -> float:
        with self.lock:
            self._pass()
            if self.tokens - 1 < -patience * self.rate:
                return -(1 - self.tokens) / self.rate
            self.tokens -= 1
            return max(0.0, -self.tokens / self.rate)

    def cut(self) -> None:
        with self.lock:
            self._pass()
            self.tokens = min(self.tokens, 0.0)
            if self.at - self.last >= CUT_APART:
                self.rate, self.last = max(self.full * LOWEST, self.rate / 2), self.at

    def _pass(self) -> None:
        now = time.monotonic()
        passed, self.at = now - self.at, now
        self.rate = min(self.full, self.rate + passed * self.full / RECOVERS_IN)
        self.tokens = min(max(1.0, self.burst * self.rate / self.full), self.tokens + passed * self.rate)


_lock = threading.Lock()
_own: dict[Bucket, _Own] = {}


def _alone(bucket: Bucket) -> _Own:
    with _lock:
        if bucket not in _own:
            _own[bucket] = _Own(bucket.rate * ALONE, max(1.0, bucket.burst * ALONE))
        return _own[bucket]
