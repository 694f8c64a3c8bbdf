"""Waiting until the console's processes answer: the web server by HTTP, a worker by Celery's own ping."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx
from celery import Celery

WITHIN = 60.0  # seconds; a busy machine takes ten


class NotReadyError(RuntimeError):
    """Something did not answer in time; the message says what."""


def web_answers(url: str) -> bool:
    """Whether the sign-in page is served."""
    try:
        return httpx.get(f"{url}/accounts/sign-in/", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def service_answers(url: str) -> bool:
    """Whether a sample serves."""
    try:
        return httpx.get(url, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def worker_answers(broker: str) -> bool:
    with Celery(broker=broker.replace("unix://", "redis+socket://", 1), set_as_current=False) as app:
        return bool(app.control.ping(timeout=0.5, limit=1))


def wait(what: str, answers: Callable[[], bool], meanwhile: Callable[[], None]) -> None:
    """Asks again and again, and calls `meanwhile` in between. Raises NotReadyError after WITHIN seconds."""
    deadline = time.monotonic() + WITHIN
    while not answers():
        if time.monotonic() > deadline:
            raise NotReadyError(f"{what} did not answer within {WITHIN:.0f} s")
        meanwhile()
        time.sleep(0.1)
