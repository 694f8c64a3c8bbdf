"""Connections from clients: requests are read, pipelined ones wait their turn, answers go back in order."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import cast

import httptools

from apps.localcloud.dataplane import answers
from apps.localcloud.dataplane.context import BUFFER, Context, Listener
from apps.localcloud.dataplane.exchange import Exchange
from apps.localcloud.dataplane.heads import Request
from apps.localcloud.dataplane.routing import first_match

HEAD_LIMIT = 64 * 1024  # bytes of one request's head, as an Application Load Balancer allows
LINGER_SECONDS = 1.0
WAITING_LIMIT = 32  # pipelined requests read ahead


class ClientConnection(asyncio.Protocol):
    """One client's connection, for as long as it stays."""

    __slots__ = (
        "_active",
        "_head_size",
        "_incoming",
        "_lingering",
        "_parser",
        "_paused",
        "_queue",
        "_reading_head",
        "_touched",
        "_unfinished",
        "context",
        "exchange",
        "listener",
        "peer",
        "transport",
    )

    def __init__(self, context: Context, listener: Listener) -> None:
        self.context = context
        self.listener = listener
        self.peer = b""
        self.transport: asyncio.Transport
        self.exchange: Exchange | None = None
        self._parser = httptools.HttpRequestParser(self)
        self._queue: deque[Request] = deque()
        self._incoming = Request()
        self._active: Request | None = None
        self._head_size = 0
        self._reading_head = False
        self._unfinished = 0  # bytes of a head whose end has not come
        self._paused = False
        self._lingering = False  # our last word is said; what the client still sends is thrown away
        self._touched = context.loop.time()

    # -- from the transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.peer = str(transport.get_extra_info("peername")[0]).encode()
        self.context.clients.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.context.clients.discard(self)
        exchange, self.exchange = self.exchange, None
        self._queue.clear()
        if exchange is not None:
            exchange.client_left()

    def data_received(self, data: bytes) -> None:
        if self._lingering:
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass  # Upgrade is not passed on, so the target answers as it would without
        except httptools.HttpParserError:
            self._refuse(400)
        else:
            self._unfinished = self._unfinished + len(data) if self._reading_head else 0
            if self._unfinished > HEAD_LIMIT:
                self._refuse(431)

    def pause_writing(self) -> None:
        if self.exchange is not None:
            self.exchange.hold()

    def resume_writing(self) -> None:
        if self.exchange is not None:
            self.exchange.go_on()

    # -- from the parser

    def on_message_begin(self) -> None:
        self._incoming = Request()
        self._head_size = 0
        self._reading_head = True

    def on_url(self, url: bytes) -> None:
        self._incoming.url += url
        self._head_size += len(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        request = self._incoming
        request.headers.append((name, value))
        self._head_size += len(name) + len(value) + 4
        lower = name.lower()
        if lower == b"transfer-encoding":
            request.chunked = True
        elif lower == b"expect":
            request.expects = value.lower() == b"100-continue"

    def on_headers_complete(self) -> None:
        request = self._incoming
        request.method = self._parser.get_method()
        request.keep_alive = self._parser.should_keep_alive()
        request.old_protocol = self._parser.get_http_version() == "1.0"
        if request.old_protocol or self._parser.should_upgrade():
            request.keep_alive = False  # Upgrade is not passed on, and the parser reads nothing after it
        self._reading_head = False
        if self.transport.is_closing() or self._lingering:
            return
        if self._head_size > HEAD_LIMIT:
            self._refuse(431)
            return
        if self._active is None and not self._queue:
            self._begin(request)
            return
        self._queue.append(request)
        if len(self._queue) >= WAITING_LIMIT:
            self.pause_reading()

    def on_body(self, body: bytes) -> None:
        request = self._incoming
        if request is self._active and self.exchange is not None:
            self.exchange.request_body(body)
        elif not self.transport.is_closing():
            request.waiting.append(body)
            if len(body) > BUFFER or len(request.waiting) > WAITING_LIMIT:
                self.pause_reading()

    def on_message_complete(self) -> None:
        self._incoming.complete = True
        if self._incoming is self._active and self.exchange is not None:
            self.exchange.request_end()

    # -- one request after another

    def _begin(self, request: Request) -> None:
        self._active = request
        rule = first_match(self.listener.rules, request.path, request.headers)
        if rule is None:
            self.answer(request, 404, "text/html", answers.page(404))
        elif rule.fixed is not None:
            status, content_type, body = rule.fixed
            self.answer(request, status, content_type or "text/plain", body.encode())
        else:
            self._forward(request, rule.next_group())

    def _forward(self, request: Request, arn: str) -> None:
        group = self.context.groups.get(arn)
        target = group.next_target() if group is not None else None
        if target is None:
            count = self.context.counters.of(self.listener.load_balancer, arn)
            count.requests += 1
            count.elb_5xx += 1
            self.answer(request, 503, "text/html", answers.page(503))
            return
        if request.expects and not request.complete:
            self.write(answers.CONTINUE)
        self.exchange = Exchange(self, request, arn, target)
        self.exchange.start()

    def answer(self, request: Request, status: int, content_type: str, body: bytes) -> None:
        """Answers in the balancer's own name; a request whose body is still coming ends the connection."""
        keep = request.keep_alive and (request.complete or not _has_body(request))
        head = request.method == b"HEAD"
        self.write(answers.response(status, content_type, body, keep=keep, head=head))
        self.exchange_done(close=not keep)

    def exchange_done(self, *, close: bool) -> None:
        """The active request was answered; the next one that waits begins."""
        self.exchange = None
        self._active = None
        self._touched = self.context.loop.time()
        if close:
            self._queue.clear()
            self._hang_up(rest_is_coming=not self._incoming.complete)
        elif self._queue:
            self.context.loop.call_soon(self._next)
        elif self._paused:
            self.resume_reading()

    def _next(self) -> None:
        if self._active is None and self._queue:
            self._begin(self._queue.popleft())
            self.resume_reading()

    # -- helpers

    def _refuse(self, status: int) -> None:
        """Answers what is not proper HTTP, once the requests before it are through, and closes."""
        if self.exchange is None and not self.transport.is_closing() and not self._lingering:
            self.write(answers.response(status, "text/html", answers.page(status), keep=False))
        elif self.exchange is not None:
            self.exchange.client_left()
            self.exchange = None
        self._hang_up(rest_is_coming=True)

    def _hang_up(self, *, rest_is_coming: bool) -> None:
        """Closes; while the client still sends, only after a moment, else the kernel would take our answer back."""
        if not rest_is_coming or self.transport.is_closing():
            self.transport.close()
        elif not self._lingering:
            self._lingering = True
            self.resume_reading()
            self.transport.write_eof()
            self.context.loop.call_later(LINGER_SECONDS, self.transport.close)

    def write(self, data: bytes) -> None:
        """Sends to the client, if it is still there."""
        if not self.transport.is_closing():
            self.transport.write(data)

    def pause_reading(self) -> None:
        """Tells the client to wait with more."""
        if not self._paused and not self.transport.is_closing():
            self._paused = True
            self.transport.pause_reading()

    def resume_reading(self) -> None:
        """Lets the client go on."""
        if self._paused and not self.transport.is_closing():
            self._paused = False
            self.transport.resume_reading()

    def idle_for(self, now: float) -> float:
        """Seconds since the last answer; 0 while one is due."""
        return 0.0 if self._active is not None else now - self._touched

    def finish(self) -> None:
        """Ends the connection, after the answer that is due."""
        self._queue.clear()
        if self._active is None:
            self.transport.close()
        else:
            self._active.keep_alive = False
            if self.exchange is not None:
                self.exchange.close_after()

    def close(self) -> None:
        """Closes after what was written has gone out."""
        self.transport.close()

    def abort(self) -> None:
        """Breaks the connection at once."""
        self.exchange = None
        self.transport.abort()


def _has_body(request: Request) -> bool:
    return request.chunked or any(
        name.lower() == b"content-length" and value != b"0" for name, value in request.headers
    )
