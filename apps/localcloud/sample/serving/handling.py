"""What the service answers to each request."""

from __future__ import annotations

import asyncio
import os
import random
import time
from dataclasses import dataclass
from urllib.parse import parse_qs

from .metrics import Window
from .release import Release

LONGEST_SECONDS = 30.0
TOLD = "CLOUD_"  # how the names begin of what user data told the instance of itself


@dataclass(frozen=True)
class Answer:
    """A status and a text."""

    status: int
    body: bytes


class Handler:
    """Answers requests, counts them, and knows when the last one came."""

    def __init__(self, release: Release, window: Window) -> None:
        self._release = release
        self._window = window
        self.in_flight = 0
        self.last = time.monotonic()  # when a request last began or ended; health checks do not count

    async def answer(self, method: str, target: str) -> Answer:
        """The answer to a request."""
        path, _, query = target.partition("?")
        if method not in ("GET", "HEAD"):
            return Answer(405, b"only GET and HEAD")
        if path == "/health":
            return self._health()
        self.in_flight += 1
        started = self.last = time.monotonic()
        try:
            answer = await self._serve(path, query)
        finally:
            self.in_flight -= 1
            self.last = time.monotonic()
        self._window.add(self.last - started, failed=answer.status >= 500)
        return answer

    def _health(self) -> Answer:
        if self._release.faults.healthy:
            return Answer(200, b"healthy")
        return Answer(503, f"{self._release.version} cannot reach what it depends on".encode())

    async def _serve(self, path: str, query: str) -> Answer:
        faults = self._release.faults
        if faults.delay_seconds:
            await asyncio.sleep(faults.delay_seconds)
        if faults.error_rate and random.random() < faults.error_rate:  # noqa: S311 (chance, not a secret)
            return Answer(500, b"this version fails now and then")
        if path == "/identity":
            return Answer(200, _identity())
        if path == "/slow":
            try:
                seconds = float(parse_qs(query).get("seconds", ["1"])[0])
            except ValueError:
                return Answer(400, b"seconds must be a number")
            await asyncio.sleep(min(max(seconds, 0.0), LONGEST_SECONDS))
        elif path != "/":
            return Answer(404, b"not found")
        return Answer(200, f"{self._release.application} {self._release.version}".encode())


def _identity() -> bytes:
    """A line for each of these variables; empty where it was told nothing."""
    told = sorted((name, value) for name, value in os.environ.items() if name.startswith(TOLD))
    return "".join(f"{name}={value}\n" for name, value in told).encode()
