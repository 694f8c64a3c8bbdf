"""An outside client that sends at a fixed rate, come what may, and counts every request that failed.

    client = LoadClient("http://127.1.0.1:8080/", rate=200)
    client.start()
    ...
    result = client.stop()
    assert not result.failures, result

or `python -m tests.load URL --rate 200 --seconds 30`. Connections are kept; a request is sent when it is due, on a free
connection or a new one, so a slow answer never holds up the next request. Latency counts from when a request was due.
"""

from __future__ import annotations

import argparse
import asyncio
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlsplit

TIMEOUT = 30.0  # seconds one request may take
KEPT = 30.0  # seconds a connection may be idle: load balancers close those that are for a minute
HEAD_LIMIT = 64 * 1024


@dataclass(frozen=True)
class Failure:
    """A request without a good answer; `at` is seconds since the epoch."""

    at: float
    reason: str


@dataclass
class LoadResult:
    """What was seen; times are seconds since the epoch, latencies seconds."""

    total: int = 0
    failures: list[Failure] = field(default_factory=list)
    bodies: Counter[str] = field(default_factory=Counter)
    transitions: list[tuple[float, str]] = field(default_factory=list)  # whenever an answer differs from the last one
    latencies: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Requests per second that were answered well."""
        return (self.total - len(self.failures)) / self.seconds if self.seconds else 0.0

    @property
    def order(self) -> list[str]:
        """The different answers, in the order in which each was first seen."""
        return list(self.bodies)

    def percentile(self, share: float) -> float:
        """The latency that `share` (0-1) of the good answers kept within; 0 when there were none."""
        ranked = sorted(self.latencies)
        return ranked[min(len(ranked) - 1, int(share * len(ranked)))] if ranked else 0.0

    def __str__(self) -> str:
        """A few lines for a person."""
        reasons = Counter(failure.reason for failure in self.failures)
        times = ", ".join(f"p{share} {self.percentile(share / 100) * 1000:.1f} ms" for share in (50, 95, 99))
        lines = [
            f"{self.total} requests in {self.seconds:.1f} s, {len(self.failures)} failed, {self.rate:.0f}/s",
            times,
        ]
        lines += [f"  failed {count} times: {reason}" for reason, count in reasons.most_common(10)]
        lines += [f"  answered {count} times: {body}" for body, count in self.bodies.most_common(10)]
        return "\n".join(lines)


class LoadClient:
    """Sends GET `url` `rate` times a second from a thread of its own, between `start` and `stop`."""

    def __init__(self, url: str, rate: float, *, expect: int = 200) -> None:
        self._driver = _Driver(url, rate, expect)
        self._thread = threading.Thread(target=lambda: asyncio.run(self._driver.run()), name="load", daemon=True)

    def start(self) -> None:
        """Begins; returns at once."""
        self._thread.start()

    @property
    def result(self) -> LoadResult:
        """What was seen so far; it goes on changing until `stop`."""
        return self._driver.result

    def stop(self) -> LoadResult:
        """Sends no more, waits for the answers that are due, and tells what was seen."""
        self._driver.stopping = True
        self._thread.join(TIMEOUT + 5)
        return self._driver.result


class _Driver:
    def __init__(self, url: str, rate: float, expect: int) -> None:
        where = urlsplit(url)
        self._host, self._port = where.hostname or "", where.port or 80
        path = (where.path or "/") + (f"?{where.query}" if where.query else "")
        self._request = f"GET {path} HTTP/1.1\r\nHost: {where.netloc}\r\n\r\n".encode()
        self._rate = rate
        self._expect = expect
        self._free: list[tuple[float, asyncio.StreamReader, asyncio.StreamWriter]] = []  # with the time of last use
        self._last = ""
        self.stopping = False
        self.result = LoadResult()

    async def run(self) -> None:
        """Until `stopping` is set."""
        started = time.perf_counter()
        sent, tasks = 0, set()
        while not self.stopping:
            due = started + sent / self._rate
            wait = due - time.perf_counter()
            if wait > 0:
                await asyncio.sleep(min(wait, 0.1))
                if wait > 0.1:
                    continue
            task = asyncio.create_task(self._one(due))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            sent += 1
            if sent % 64 == 0:
                await asyncio.sleep(0)  # when behind, let the answers in
        if tasks:
            await asyncio.wait(tasks)
        self.result.seconds = time.perf_counter() - started
        for _, _, writer in self._free:
            writer.close()

    async def _one(self, due: float) -> None:
        self.result.total += 1
        try:
            async with asyncio.timeout(TIMEOUT):
                status, body = await self._ask()
        except TimeoutError:
            self._failed("timed out")
        except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            self._failed(f"{type(error).__name__}: {error}")
        else:
            if status == self._expect:
                self._answered(body, time.perf_counter() - due)
            else:
                self._failed(f"status {status}")

    async def _ask(self) -> tuple[int, str]:
        reader, writer = self._kept() or await self._connect()
        kept = False
        try:
            writer.write(self._request)
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            status = int(head.split(" ", 2)[1])
            body = await reader.readexactly(int(head.partition("content-length:")[2].split("\r\n", 1)[0]))
            kept = "connection: close" not in head
        finally:
            if kept:
                self._free.append((time.monotonic(), reader, writer))
            else:
                writer.close()
        return status, body.decode()

    def _kept(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        """The connection used last, if it is still good; those below it have been idle for longer."""
        if self._free and time.monotonic() - self._free[-1][0] < KEPT:
            return self._free.pop()[1:]
        while self._free:
            self._free.pop()[2].close()
        return None

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(self._host, self._port, limit=HEAD_LIMIT)

    def _answered(self, body: str, seconds: float) -> None:
        result = self.result
        result.latencies.append(seconds)
        result.bodies[body] += 1
        if body != self._last:
            self._last = body
            result.transitions.append((time.time(), body))

    def _failed(self, reason: str) -> None:
        self.result.failures.append(Failure(time.time(), reason))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Send GET requests at a fixed rate and count failures.")
    parser.add_argument("url")
    parser.add_argument("--rate", type=float, default=200.0, help="requests per second")
    parser.add_argument("--seconds", type=float, default=30.0)
    options = parser.parse_args()
    client = LoadClient(options.url, options.rate)
    client.start()
    time.sleep(options.seconds)
    result = client.stop()
    print(result)
    raise SystemExit(1 if result.failures else 0)


if __name__ == "__main__":
    main()
