"""Real HTTP servers on loopback addresses, which answer as a test tells them to."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs

PORT = 8080
_numbers = itertools.count(random.Random(os.getpid() ^ time.time_ns()).randrange(1 << 20))  # noqa: S311


def address() -> str:
    """A loopback address that no other test uses."""
    number = next(_numbers) % (1 << 20)
    return f"127.{160 + (number >> 16)}.{(number >> 8) & 255}.{1 + (number & 255) % 254}"


def eventually(holds: Callable[[], object], seconds: float = 10.0) -> None:
    """Waits until `holds()` is true; AssertionError after `seconds`."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.01)


@dataclass
class Seen:
    """One request as a target saw it."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class HttpTarget:
    """A server that says its name; `/slow?seconds=`, `/echo`, `/chunked`, `/unframed`, `/drop`, `/half`, `/stale`."""

    name: str
    address: str = field(default_factory=address)
    port: int = PORT
    health: int = 200
    health_delay: float = 0.0
    requests: list[Seen] = field(default_factory=list)
    checks: int = 0
    connections: int = 0
    open_now: int = 0

    async def start(self) -> asyncio.Server:
        return await asyncio.start_server(self._connected, self.address, self.port)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open_now += 1
        try:
            while await self._one(reader, writer):
                pass
        except (asyncio.CancelledError, asyncio.IncompleteReadError, ConnectionError):
            pass  # the client left, or the test is over
        finally:
            self.open_now -= 1
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, _ = head[0].split(" ")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        if target.startswith("/health"):
            self.checks += 1
            await asyncio.sleep(self.health_delay)
            writer.write(f"HTTP/1.1 {self.health} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            return False
        seen = Seen(method, target, headers, await _body(reader, headers))
        self.requests.append(seen)
        return await self._answer(writer, seen)

    async def _answer(self, writer: asyncio.StreamWriter, seen: Seen) -> bool:
        path, _, query = seen.target.partition("?")
        match path:
            case "/slow":
                await asyncio.sleep(float(parse_qs(query)["seconds"][0]))
            case "/drop":
                return False
            case "/half":
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
                return False
            case "/chunked":
                writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                for part in (b"one,", b"two,", b"three"):
                    writer.write(b"%x\r\n%b\r\n" % (len(part), part))
                    await writer.drain()
                    await asyncio.sleep(0.02)
                writer.write(b"0\r\n\r\n")
                return True
            case "/unframed":
                writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end")
                return False
        body = seen.body if path == "/echo" else self.name.encode()
        shown = b"" if seen.method == "HEAD" else body
        writer.write(
            b"HTTP/1.1 200 OK\r\nX-Target: %b\r\nContent-Length: %d\r\n\r\n" % (self.name.encode(), len(body)) + shown
        )
        await writer.drain()
        return path != "/stale"  # which promises to keep the connection, and does not


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if "chunked" not in headers.get("transfer-encoding", ""):
        return await reader.readexactly(int(headers.get("content-length", "0")))
    body = b""
    while size := int(await reader.readline(), 16):
        body += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return body


class Servers:
    """Runs targets in a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="targets", daemon=True)
        self._running: dict[str, asyncio.Server] = {}
        self._thread.start()

    def start(self, *targets: HttpTarget) -> None:
        for target in targets:
            self._running[target.address] = asyncio.run_coroutine_threadsafe(target.start(), self._loop).result(5)

    def stop(self, target: HttpTarget) -> None:
        """Refuses new connections; those that stand go on."""
        self._loop.call_soon_threadsafe(self._running.pop(target.address).close)
        eventually(lambda: not _listens(target))

    def close(self) -> None:
        async def end() -> None:
            for server in self._running.values():
                server.close()
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(end(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()


def _listens(target: HttpTarget) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((target.address, target.port)) == 0


@contextmanager
def serving(*targets: HttpTarget) -> Iterator[Servers]:
    """Targets that serve as long as the block lasts."""
    servers = Servers()
    try:
        servers.start(*targets)
        yield servers
    finally:
        servers.close()
