"""The data plane's process: takes configurations, holds the listeners, tells health and counters."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import ssl
import tempfile
from typing import Any

from apps.localcloud import frames
from apps.localcloud.dataplane import wire
from apps.localcloud.dataplane.checks import Checker
from apps.localcloud.dataplane.context import Context, Limits, Listener
from apps.localcloud.dataplane.downstream import ClientConnection
from apps.localcloud.dataplane.routing import CompiledRule
from apps.localcloud.dataplane.targets import GroupState
from apps.localcloud.dataplane.tunnel import Tunnel
from apps.localcloud.dataplane.upstream import Endpoint, Pools
from apps.localcloud.interfaces import DataPlaneConfig, ListenerConfig, Rule, TargetReading

SWEEP_SECONDS = 0.25
_BACKLOG = 1024


class Server:
    """All load balancers of one embedded cloud."""

    def __init__(self, limits: Limits) -> None:
        loop = asyncio.get_running_loop()
        self._loop = loop
        self._context = Context(loop, limits, Pools(loop))
        self._checker = Checker()
        self._listeners: dict[Endpoint, tuple[Listener, asyncio.Server]] = {}
        self._rules: dict[Endpoint, dict[Rule, CompiledRule]] = {}

    async def apply(
        self, config: DataPlaneConfig, seed: dict[tuple[str, str, int], TargetReading]
    ) -> dict[Endpoint, str]:
        """Makes the configuration so; answers the listeners that could not be bound, with the reason."""
        self._apply_groups(config, seed)
        failures = {}
        wanted = {(one.address, one.port): one for one in config.listeners}
        for endpoint in [one for one in self._listeners if one not in wanted]:
            self._stop_listening(endpoint)
        for endpoint, one in wanted.items():
            try:
                await self._listen(endpoint, one)
            except OSError as error:
                failures[endpoint] = error.strerror or str(error)
        return failures

    def _apply_groups(self, config: DataPlaneConfig, seed: dict[tuple[str, str, int], TargetReading]) -> None:
        used = {arn for listener in config.listeners for rule in listener.rules for arn, _ in rule.forward}
        groups = self._context.groups
        configured = {}
        for one in config.target_groups:
            group = configured[one.arn] = groups.get(one.arn) or GroupState(one.arn)
            group.configure(one, one.arn in used, seed)
        self._context.groups = configured
        self._checker.follow(configured)
        targets = [target for group in configured.values() if group.used for target in group.targets.values()]
        self._context.pools.keep_only({(one.address, one.port) for one in targets if not one.draining})

    async def _listen(self, endpoint: Endpoint, config: ListenerConfig) -> None:
        known = self._listeners.get(endpoint)
        listener = known[0] if known else Listener(*endpoint)
        listener.load_balancer = config.load_balancer
        listener.rules = self._compiled(endpoint, config.rules)
        if known is None:
            kind = Tunnel if config.tcp else ClientConnection
            server = await self._loop.create_server(
                lambda: kind(self._context, listener), *endpoint, backlog=_BACKLOG, ssl=_tls(config.tls)
            )
            self._listeners[endpoint] = (listener, server)

    def _compiled(self, endpoint: Endpoint, rules: tuple[Rule, ...]) -> list[CompiledRule]:
        """The rules, ready; an unchanged one keeps its place in the turns between its groups."""
        known = self._rules.get(endpoint, {})
        self._rules[endpoint] = {rule: known.get(rule) or CompiledRule(rule) for rule in rules}
        return list(self._rules[endpoint].values())

    def _stop_listening(self, endpoint: Endpoint) -> None:
        listener, server = self._listeners.pop(endpoint)
        del self._rules[endpoint]
        server.close()
        listener.rules = []
        for client in [one for one in self._context.clients if one.listener is listener]:
            client.finish()

    def readings(self) -> dict[tuple[str, str, int], TargetReading]:
        """The latest health of every target."""
        readings = {}
        for group in self._context.groups.values():
            readings.update(group.readings())
        return readings

    async def answer(self, message: dict[str, Any]) -> dict[str, Any]:
        """Does what a message of the control process asks."""
        if message["op"] == "apply":
            seed = wire.decode_readings(message["seed"])
            failures = await self.apply(wire.decode_config(message["config"]), seed)
            return {"failures": [[*endpoint, reason] for endpoint, reason in failures.items()]}
        if message["op"] == "health":
            return {"health": wire.encode_readings(self.readings())}
        return {"traffic": wire.encode_traffic(self._context.counters.take())}

    async def sweep(self) -> None:
        """Ends what is idle, for ever."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            self._context.sweep()


def _tls(pem: str) -> ssl.SSLContext | None:
    """What a listener with this private key and certificate speaks; None for one that has none. Raises ssl.SSLError."""
    if not pem:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile("w") as file:  # OpenSSL reads them of files only
        file.write(pem)
        file.flush()
        context.load_cert_chain(file.name)
    return context


async def serve(link: socket.socket, limits: Limits) -> None:
    """Answers the control process until it is gone."""
    server = Server(limits)
    sweeper = asyncio.create_task(server.sweep())
    link.setblocking(False)
    reader, writer = await asyncio.open_connection(sock=link)
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        while not sweeper.done():
            (size,) = frames.LENGTH.unpack(await reader.readexactly(frames.LENGTH.size))
            answer = await server.answer(json.loads(await reader.readexactly(size)))
            writer.write(frames.pack(answer))
            await writer.drain()
    sweeper.cancel()
