"""Connections to targets, kept open between requests, one pool for each address and port."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

import httptools

if TYPE_CHECKING:
    from apps.localcloud.dataplane.exchange import Exchange

Endpoint = tuple[str, int]
IDLE_SECONDS = 30.0  # how long an unused connection to a target is kept
IDLE_CONNECTIONS = 256  # how many of them a target


class Upstream(asyncio.Protocol):
    """One connection to a target; serves one exchange at a time."""

    __slots__ = (
        "_bare",
        "_bare_keep",
        "_headers",
        "_parser",
        "_reason",
        "_skip",
        "answered",
        "endpoint",
        "exchange",
        "idle_since",
        "reused",
        "transport",
    )

    def __init__(self, pool: Pool) -> None:
        self.endpoint = pool
        self.exchange: Exchange | None = None
        self.reused = False
        self.answered = False  # whether a byte of the present answer has arrived
        self.idle_since = 0.0
        self.transport: asyncio.Transport
        self._parser = httptools.HttpResponseParser(self)
        self._headers: list[tuple[bytes, bytes]] = []
        self._reason = b""
        self._bare = False  # an answer to HEAD: it has no body, whatever its headers say
        self._bare_keep: bool | None = None  # such an answer's head has arrived: may the connection be kept?
        self._skip = False  # an interim (1xx) answer is being read

    # -- from the transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        exchange = self.exchange
        if exchange is None:  # nothing was asked: the target broke the protocol
            self.transport.abort()
            return
        self.answered = True
        try:
            self._parser.feed_data(data)
            if self._bare_keep is not None:
                self._end_bare(exchange)
        except httptools.HttpParserUpgrade:
            exchange.upstream_failed()
        except httptools.HttpParserError:
            if self.exchange is exchange:  # else the answer was whole and the rest is rubbish
                exchange.upstream_failed()
            self.transport.abort()
        exchange.flush()

    def connection_lost(self, exc: Exception | None) -> None:
        self.endpoint.forget(self)
        if self.exchange is not None:
            self.exchange.upstream_lost(self)

    def pause_writing(self) -> None:
        if self.exchange is not None:
            self.exchange.client.pause_reading()

    def resume_writing(self) -> None:
        if self.exchange is not None:
            self.exchange.client.resume_reading()

    # -- from the exchange

    def begin(self, exchange: Exchange, *, bare: bool) -> None:
        """Belongs to `exchange` from now on."""
        self.exchange = exchange
        self.answered = False
        self._bare = bare
        self._bare_keep = None

    def release(self, *, keep: bool) -> None:
        """The exchange is done with this connection; it goes back to its pool if it can serve again."""
        self.exchange = None
        if keep:
            self.reused = True
            self.endpoint.give(self)
        else:
            self.transport.abort()

    # -- from the parser

    def on_message_begin(self) -> None:
        self._headers = []
        self._reason = b""

    def on_status(self, status: bytes) -> None:
        self._reason += status

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        self._skip = status < 200
        if self._skip or self.exchange is None:
            return
        self.exchange.response_head(status, self._reason, self._headers)
        if self._bare:
            self._bare_keep = self._parser.should_keep_alive()

    def on_body(self, body: bytes) -> None:
        if self.exchange is not None:
            self.exchange.response_body(body)

    def on_message_complete(self) -> None:
        if not self._skip and not self._bare and self.exchange is not None:
            self.exchange.response_end(keep=self._parser.should_keep_alive())

    def _end_bare(self, exchange: Exchange) -> None:
        """An answer to HEAD ends with its head; the parser, which waits for a body, is replaced."""
        keep, self._bare_keep = bool(self._bare_keep), None
        self._parser = httptools.HttpResponseParser(self)
        if self.exchange is exchange:
            exchange.response_end(keep=keep)


class Pool:
    """Idle connections to one endpoint, the last used one first."""

    __slots__ = ("_idle", "_loop", "address", "open", "port")

    def __init__(self, loop: asyncio.AbstractEventLoop, address: str, port: int) -> None:
        self._loop = loop
        self.address = address
        self.port = port
        self.open = True
        self._idle: list[Upstream] = []

    def take(self) -> Upstream | None:
        """An idle connection that is not known to be closed."""
        while self._idle:
            one = self._idle.pop()
            if not one.transport.is_closing():
                return one
        return None

    async def connect(self, seconds: float) -> Upstream:
        """A new connection; OSError when refused, TimeoutError when it takes longer than `seconds`."""
        async with asyncio.timeout(seconds):
            _, protocol = await self._loop.create_connection(lambda: Upstream(self), self.address, self.port)
        return protocol

    def give(self, one: Upstream) -> None:
        """Takes a connection back; closes it when the target is gone or enough are idle."""
        if not self.open or len(self._idle) >= IDLE_CONNECTIONS or one.transport.is_closing():
            one.transport.close()
            return
        one.idle_since = self._loop.time()
        self._idle.append(one)

    def forget(self, one: Upstream) -> None:
        """A connection was closed."""
        if one in self._idle:
            self._idle.remove(one)

    def close(self) -> None:
        """Closes idle connections now, and the others when they come back."""
        self.open = False
        idle, self._idle = self._idle, []
        for one in idle:
            one.transport.close()

    def sweep(self, now: float) -> None:
        """Closes connections that were not used for long."""
        for one in [one for one in self._idle if now - one.idle_since > IDLE_SECONDS]:
            self._idle.remove(one)
            one.transport.close()


class Pools:
    """The pool of each endpoint that takes requests."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._pools: dict[Endpoint, Pool] = {}

    def of(self, address: str, port: int) -> Pool:
        """The endpoint's pool, made when first asked for."""
        pool = self._pools.get((address, port))
        if pool is None:
            pool = self._pools[address, port] = Pool(self._loop, address, port)
        return pool

    def keep_only(self, endpoints: set[Endpoint]) -> None:
        """Closes the pools of all other endpoints; requests in flight on them end in peace."""
        for endpoint in [one for one in self._pools if one not in endpoints]:
            self._pools.pop(endpoint).close()

    def sweep(self, now: float) -> None:
        """Closes connections that were not used for long, in every pool."""
        for pool in self._pools.values():
            pool.sweep(now)
