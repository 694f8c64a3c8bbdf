"""Connections of TCP listeners: passed through to one target, byte by byte, for as long as both sides stay."""

from __future__ import annotations

import asyncio
from typing import cast

from apps.localcloud.dataplane.context import BUFFER, Context, Listener
from apps.localcloud.dataplane.targets import TargetState


class _Side(asyncio.Protocol):
    """One end of a tunnel; writes what it reads to the other end."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.other: _Side | None = None
        self.ended = False  # nothing more is read
        self.touched = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self.touched = asyncio.get_running_loop().time()
        if self.other is not None:
            self.other.transport.write(data)

    def eof_received(self) -> bool:
        self.ended = True
        if self.other is None or self.other.ended:
            return False  # closes this side, and with it the other
        self.other.transport.write_eof()
        return True  # the other direction stays open

    def connection_lost(self, exc: Exception | None) -> None:
        other, self.other = self.other, None
        if other is not None:
            other.other = None
            other.transport.close()

    def pause_writing(self) -> None:
        if self.other is not None:
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.other is not None:
            self.other.transport.resume_reading()


class Tunnel(_Side):
    """A client's end. The target is chosen when the client connects; without one the connection is reset."""

    def __init__(self, context: Context, listener: Listener) -> None:
        super().__init__()
        self.context = context
        self.listener = listener
        self._target: TargetState | None = None
        self._early = bytearray()  # what the client sent before the target was reached
        self.touched = context.loop.time()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.context.clients.add(self)
        arn = self.listener.rules[-1].next_group() if self.listener.rules else ""
        group = self.context.groups.get(arn)
        self._target = group.next_target() if group is not None else None
        if self._target is None:
            self.transport.abort()
            return
        self._target.in_flight += 1
        self.context.counters.of(self.listener.load_balancer, arn).requests += 1
        task = self.context.loop.create_task(self._connect(self._target))
        self.context.tasks.add(task)
        task.add_done_callback(self.context.tasks.discard)

    def data_received(self, data: bytes) -> None:
        if self.other is not None:
            super().data_received(data)
            return
        self._early += data
        if len(self._early) > BUFFER:
            self.transport.pause_reading()

    async def _connect(self, target: TargetState) -> None:
        try:
            async with asyncio.timeout(self.context.limits.connect):
                _, far = await self.context.loop.create_connection(_Side, target.address, target.port)
        except OSError:  # TimeoutError is one
            self.transport.abort()
            return
        if self.transport.is_closing():
            far.transport.close()
            return
        self.other, far.other = far, self
        far.transport.write(bytes(self._early))
        self._early.clear()
        self.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self.context.clients.discard(self)
        if self._target is not None:
            self._target.in_flight -= 1
            self._target = None
        super().connection_lost(exc)

    def idle_for(self, now: float) -> float:
        """Seconds since either side sent anything."""
        return now - max(self.touched, self.other.touched if self.other is not None else 0.0)

    def finish(self) -> None:
        """Ends the connection: the listener is gone."""
        self.transport.close()

    def close(self) -> None:
        """Closes after what was written has gone out."""
        self.transport.close()
