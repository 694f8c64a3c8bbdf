"""`python -m apps.demo.traffic FILE --rate N`: steady requests through every sample's load balancer."""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

CONNECTIONS = 2  # kept open to each load balancer; each sends its share of the rate
REPORT_EVERY = 60.0  # seconds
TIMEOUT = 10.0  # seconds for one answer


@dataclass
class Counts:
    """What one load balancer answered since the last report."""

    url: str
    answers: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)

    def report(self) -> str:
        """One line; counting begins anew."""
        line = f"{time.strftime('%H:%M:%S')} {self.url} answered {dict(self.answers)}, failed {dict(self.failures)}"
        self.answers.clear()
        self.failures.clear()
        return line


async def send(url: str, rate: float, counts: Counts) -> None:
    """Sends `rate` requests a second over one connection, for ever; a lost connection is made anew."""
    where = urlsplit(url)
    request = f"GET / HTTP/1.1\r\nHost: {where.netloc}\r\n\r\n".encode()
    while True:
        writer = None
        try:
            reader, writer = await asyncio.open_connection(where.hostname, where.port)
            await _converse(reader, writer, request, rate, counts)
        except (OSError, ValueError, TimeoutError, asyncio.IncompleteReadError) as error:
            counts.failures[type(error).__name__] += 1
        finally:
            if writer:
                writer.close()
        await asyncio.sleep(1 / rate)


async def _converse(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes, rate: float, counts: Counts
) -> None:
    """Requests on one connection at an even pace, until the other side closes it."""
    due = time.monotonic()
    while True:
        writer.write(request)
        async with asyncio.timeout(TIMEOUT):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            size = int(head.partition("content-length:")[2].split("\r\n", 1)[0])
            body = (await reader.readexactly(size)).decode(errors="replace")
        status = head.split(" ", 2)[1]
        (counts.answers if status == "200" else counts.failures)[body if status == "200" else status] += 1
        if "connection: close" in head:
            return
        due = max(due + 1 / rate, time.monotonic() - 1)  # after a stall it does not catch up in a burst
        await asyncio.sleep(max(0.0, due - time.monotonic()))


async def run(urls: list[str], rate: float) -> None:
    """Until the process is ended."""
    counted = [Counts(url) for url in urls]
    async with asyncio.TaskGroup() as tasks:
        for counts in counted:
            for _ in range(CONNECTIONS):
                tasks.create_task(send(counts.url, rate / CONNECTIONS, counts))
        while True:
            await asyncio.sleep(REPORT_EVERY)
            for counts in counted:
                print(counts.report(), flush=True)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Send steady requests to the demo's samples.")
    parser.add_argument("description", type=Path, help="the file that the seeding wrote")
    parser.add_argument("--rate", type=float, default=25.0, help="requests a second to each load balancer")
    options = parser.parse_args()
    samples = json.loads(options.description.read_text())["samples"]
    asyncio.run(run([sample["load_balancer_url"] for sample in samples], options.rate))


if __name__ == "__main__":
    main()
