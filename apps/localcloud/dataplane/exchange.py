"""One request on its way to a target and its answer on the way back."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from apps.localcloud.dataplane import answers
from apps.localcloud.dataplane.context import BUFFER, Context
from apps.localcloud.dataplane.heads import FINAL_CHUNK, Headers, Request, chunk, request_head, response_head
from apps.localcloud.dataplane.targets import TargetState

if TYPE_CHECKING:
    from apps.localcloud.dataplane.downstream import ClientConnection
    from apps.localcloud.dataplane.upstream import Pool, Upstream

RETRY_SECONDS = 0.2  # a kept connection that was closed before use shows it at once


class Exchange:
    """Made when a target was chosen; ends by `_end`, once, in whatever way it goes."""

    __slots__ = (
        "_chunks_out",
        "_close",
        "_context",
        "_ended",
        "_final_sent",
        "_group",
        "_head_sent",
        "_out",
        "_replay",
        "_started",
        "_target",
        "_until_close",
        "_upstream",
        "client",
        "request",
        "touched",
    )

    def __init__(self, client: ClientConnection, request: Request, group: str, target: TargetState) -> None:
        self.client = client
        self.request = request
        self._context: Context = client.context
        self._group = group
        self._target = target
        self._upstream: Upstream | None = None
        self._out: list[bytes] = []
        self._replay: list[bytes] | None = []  # what was sent, as long as it is little enough to send again
        self._head_sent = False
        self._chunks_out = False
        self._close = not request.keep_alive
        self._until_close = False  # the answer's body ends where the connection does
        self._final_sent = False
        self._ended = False
        self.touched = self._context.loop.time()
        self._started = perf_counter()

    def start(self) -> None:
        """Sends the request on a kept connection, or on a new one once that stands."""
        self._context.exchanges.add(self)
        self._target.in_flight += 1
        self._context.counters.of(self.client.listener.load_balancer, self._group).requests += 1
        pool = self._context.pools.of(self._target.address, self._target.port)
        upstream = pool.take()
        if upstream is not None:
            self._send_on(upstream)
        else:
            self._connect(pool)

    # -- towards the target

    def _connect(self, pool: Pool) -> None:
        task = self._context.loop.create_task(self._connected(pool))
        self._context.tasks.add(task)
        task.add_done_callback(self._context.tasks.discard)

    async def _connected(self, pool: Pool) -> None:
        try:
            upstream = await pool.connect(self._context.limits.connect)
        except TimeoutError:
            self._fail(504)
        except OSError:
            self._fail(502)
        else:
            if self._ended:  # the client left meanwhile
                upstream.release(keep=True)
            else:
                self._send_on(upstream)

    def _send_on(self, upstream: Upstream) -> None:
        """Sends all there is so far; after a stale connection that is what was sent before, again."""
        self._upstream = upstream
        request = self.request
        upstream.begin(self, bare=request.method == b"HEAD")
        self.touched = self._context.loop.time()
        self._started = perf_counter()
        self.client.resume_reading()
        again, self._replay = b"".join(self._replay or ()), []
        data = again or request_head(request, self.client.peer, self.client.listener.port_text)
        if request.waiting:
            body = b"".join(request.waiting)
            request.waiting.clear()
            data += chunk(body) if request.chunked else body
        self._send(data)
        if request.complete:
            self.request_end()

    def _send(self, data: bytes) -> None:
        if self._replay is not None:
            self._replay.append(data)
            if len(self._replay) > 1 and sum(map(len, self._replay)) > BUFFER:
                self._replay = None
        if self._upstream is not None:
            self._upstream.transport.write(data)

    def request_body(self, data: bytes) -> None:
        """More of the request's body has come."""
        self.touched = self._context.loop.time()
        if self._upstream is None:
            self.request.waiting.append(data)
            if sum(map(len, self.request.waiting)) > BUFFER:
                self.client.pause_reading()
        else:
            self._send(chunk(data) if self.request.chunked else data)

    def request_end(self) -> None:
        """The request is whole."""
        if self._upstream is not None and self.request.chunked and not self._final_sent:
            self._final_sent = True
            self._send(FINAL_CHUNK)

    # -- from the target

    def response_head(self, status: int, reason: bytes, headers: Headers) -> None:
        """The head of the final answer."""
        self._head_sent = True
        self.touched = self._context.loop.time()
        count = self._context.counters.of(self.client.listener.load_balancer, self._group)
        count.answered(status, perf_counter() - self._started)
        self._frame(status, {name.lower() for name, _ in headers})
        self._out.append(response_head(status, reason, headers, chunked=self._chunks_out, close=self._close))

    def _frame(self, status: int, names: set[bytes]) -> None:
        """Decides how the client learns where the body ends."""
        bodyless = self.request.method == b"HEAD" or status in (204, 304)
        if b"content-length" not in names and not bodyless:
            self._until_close = b"transfer-encoding" not in names
            self._chunks_out = not self.request.old_protocol
            self._close = self._close or self.request.old_protocol
        if not self.request.complete:
            self._close = True

    def response_body(self, data: bytes) -> None:
        """A piece of the answer's body, out of its chunk."""
        self._out.append(chunk(data) if self._chunks_out else data)

    def response_end(self, *, keep: bool) -> None:
        """The answer is whole; `keep`: the target's connection can serve another."""
        if self._chunks_out:
            self._out.append(FINAL_CHUNK)
        self.flush()
        self._end(keep=keep and self.request.complete)
        self.client.exchange_done(close=self._close)

    def flush(self) -> None:
        """Passes on what has gathered."""
        if self._out:
            data, self._out = b"".join(self._out), []
            self.touched = self._context.loop.time()
            self.client.write(data)

    def upstream_lost(self, upstream: Upstream) -> None:
        """The target closed the connection before the answer was known to be whole."""
        if self._head_sent:
            if self._until_close:
                self.response_end(keep=False)
            else:
                self._break_off()
        elif self._may_retry(upstream):
            self._retry()
        else:
            self._fail(502)

    def _may_retry(self, upstream: Upstream) -> bool:
        if not upstream.reused or upstream.answered or self._replay is None:
            return False
        return self.request.repeatable or perf_counter() - self._started < RETRY_SECONDS

    def _retry(self) -> None:
        """The kept connection was stale: the same request once more, on a new connection to the same target."""
        self._upstream = None
        self._connect(self._context.pools.of(self._target.address, self._target.port))

    def close_after(self) -> None:
        """The client's connection ends with this answer."""
        self._close = True

    def hold(self) -> None:
        """The client reads too slowly: the target has to wait."""
        if self._upstream is not None:
            self._upstream.transport.pause_reading()

    def go_on(self) -> None:
        """The client has caught up."""
        if self._upstream is not None:
            self._upstream.transport.resume_reading()

    # -- ends

    def upstream_failed(self) -> None:
        """The target answered something that is not HTTP."""
        self._fail(502)

    def timed_out(self) -> None:
        """Nothing moved for as long as the balancer waits."""
        self._fail(504)

    def client_left(self) -> None:
        """The client closed its connection; the target's is of no use any more."""
        self._end(keep=False)

    def _fail(self, status: int) -> None:
        if self._ended:
            return
        if self._head_sent:
            self._break_off()
            return
        self._end(keep=False)
        self._context.counters.of(self.client.listener.load_balancer, self._group).elb_5xx += 1
        self.client.answer(self.request, status, "text/html", answers.page(status))

    def _break_off(self) -> None:
        """Half an answer was sent: only a broken connection can tell the client."""
        self._out.clear()
        self._end(keep=False)
        self.client.abort()

    def _end(self, *, keep: bool) -> None:
        if self._ended:
            return
        self._ended = True
        self._context.exchanges.discard(self)
        self._target.in_flight -= 1
        upstream, self._upstream = self._upstream, None
        if upstream is not None:
            upstream.release(keep=keep)
