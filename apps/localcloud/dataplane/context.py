"""What every connection of the data plane shares: pools, counters, limits, and the lists the sweeper walks."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from apps.localcloud.dataplane.counters import Counters
from apps.localcloud.dataplane.routing import CompiledRule
from apps.localcloud.dataplane.targets import GroupState

if TYPE_CHECKING:
    from apps.localcloud.dataplane.downstream import ClientConnection
    from apps.localcloud.dataplane.exchange import Exchange
    from apps.localcloud.dataplane.tunnel import Tunnel
    from apps.localcloud.dataplane.upstream import Pools

BUFFER = 64 * 1024  # bytes held of one body, in either direction, before its sender is told to wait


@dataclass(frozen=True)
class Limits:
    """Time-outs in seconds, with an Application Load Balancer's defaults."""

    idle: float = 60.0  # a connection on which nothing moves; a target that does not answer
    connect: float = 10.0


class Listener:
    """One listener's present rules; connections look here at each request, so that a change reaches open ones."""

    __slots__ = ("address", "load_balancer", "port", "port_text", "rules")

    def __init__(self, address: str, port: int) -> None:
        self.address = address
        self.port = port
        self.port_text = str(port).encode()
        self.load_balancer = ""
        self.rules: list[CompiledRule] = []


class Context:
    """One data plane's shared state, all of it touched by one event loop only."""

    def __init__(self, loop: asyncio.AbstractEventLoop, limits: Limits, pools: Pools) -> None:
        self.loop = loop
        self.limits = limits
        self.pools = pools
        self.counters = Counters()
        self.groups: dict[str, GroupState] = {}
        self.clients: set[ClientConnection | Tunnel] = set()
        self.exchanges: set[Exchange] = set()
        self.tasks: set[asyncio.Task[None]] = set()

    def sweep(self) -> None:
        """Ends what has been idle for too long."""
        now = self.loop.time()
        for exchange in [one for one in self.exchanges if now - one.touched > self.limits.idle]:
            exchange.timed_out()
        for client in [one for one in self.clients if one.idle_for(now) > self.limits.idle]:
            client.close()
        self.pools.sweep(now)
