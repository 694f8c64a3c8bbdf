"""The Redis that all processes of the console share; it may be gone at any time, and nobody waits long for it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

log = logging.getLogger(__name__)

T = TypeVar("T")

ANSWERS_WITHIN = 0.1  # seconds for connecting, and for an answer
AGAIN_AFTER = 2.0  # seconds for which Redis is not asked again once it did not answer


class Absent(Exception):
    """There is no Redis, or it does not answer now."""


_lock = threading.Lock()
_client: redis.Redis | None = None
_down_until = 0.0


def configure(url: str) -> None:
    """Which Redis is shared, by its URL; empty: none."""
    global _client, _down_until
    with _lock:
        _client, _down_until = (_connect(url) if url else None), 0.0


def ask(question: Callable[[redis.Redis], T]) -> T:
    """Redis's answer. Raises Absent, at once while it is known to be gone, else within 0.2 s."""
    global _down_until
    client = _client
    if client is None or time.monotonic() < _down_until:
        raise Absent
    try:
        return question(client)
    except redis.RedisError as error:
        with _lock:
            _down_until = time.monotonic() + AGAIN_AFTER
        log.warning("Redis does not answer, so this process goes on alone: %s", error)
        raise Absent from error


def _connect(url: str) -> redis.Redis:
    options: dict[str, Any] = {"socket_timeout": ANSWERS_WITHIN, "retry": Retry(NoBackoff(), 0)}
    if not url.startswith("unix"):
        options["socket_connect_timeout"] = ANSWERS_WITHIN
    return redis.Redis.from_url(url, **options)
