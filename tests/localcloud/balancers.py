"""Configurations for the data plane's tests, and small clients that show what crosses the wire."""

from __future__ import annotations

import http.client
import socket

from apps.localcloud.dataplane import ProxyDataPlane
from apps.localcloud.interfaces import (
    DataPlaneConfig,
    Health,
    HealthCheck,
    ListenerConfig,
    Rule,
    Target,
    TargetGroupConfig,
)
from tests.localcloud.targets import HttpTarget, eventually

QUICK = HealthCheck(path="/health", interval=0.1, timeout=1.0, healthy_threshold=2, unhealthy_threshold=2)


def group(
    name: str, *targets: HttpTarget, draining: tuple[HttpTarget, ...] = (), check: HealthCheck = QUICK
) -> TargetGroupConfig:
    """A target group of test servers; those of `draining` are deregistered."""
    registered = tuple(Target(one.name, one.address, one.port) for one in targets)
    leaving = tuple(Target(one.name, one.address, one.port, draining=True) for one in draining)
    return TargetGroupConfig(name, registered + leaving, check)


def numbered(name: str, targets: list[HttpTarget]) -> TargetGroupConfig:
    """A target group whose targets all say the same name, and are told apart by number."""
    registered = tuple(Target(f"{name}{index}", one.address, one.port) for index, one in enumerate(targets))
    return TargetGroupConfig(name, registered, QUICK)


def forward(**weights: int) -> Rule:
    """A default rule that forwards by weight."""
    return Rule(None, forward=tuple(weights.items()))


def config(address: str, rules: tuple[Rule, ...], *groups: TargetGroupConfig) -> DataPlaneConfig:
    """One load balancer `lb` on port 80's stand-in."""
    return DataPlaneConfig((ListenerConfig("lb", address, 8080, rules),), groups)


def healthy(plane: ProxyDataPlane, *targets: HttpTarget) -> None:
    """Waits until these targets are healthy in whatever group they are in."""
    names = {one.name for one in targets}

    def all_healthy() -> bool:
        states = {key[1]: reading.state for key, reading in plane.health().items()}
        return all(states.get(name) is Health.HEALTHY for name in names)

    eventually(all_healthy)


def answered(plane: ProxyDataPlane, *targets: str) -> None:
    """Waits until no request is on its way to these: one that was given out before a change may arrive after it."""

    def none_in_flight() -> bool:
        in_flight = {key[1]: reading.in_flight for key, reading in plane.health().items()}
        return sum(in_flight[target] for target in targets) == 0

    eventually(none_in_flight)


def get(
    address: str, path: str = "/", *, method: str = "GET", body: bytes | None = None, **headers: str
) -> http.client.HTTPResponse:
    """One request on a connection of its own; the body is read already and lies in `.text`."""
    connection = http.client.HTTPConnection(address, 8080, timeout=10)
    try:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        response.text = response.read().decode()  # type: ignore[attr-defined]
        return response
    finally:
        connection.close()


def text(address: str, path: str = "/", **headers: str) -> str:
    """The body of a request that must succeed."""
    response = get(address, path, method="GET", body=None, **headers)
    assert response.status == 200, response.status
    return str(response.text)  # type: ignore[attr-defined]


def raw(address: str, sent: bytes, *, until: bytes = b"", seconds: float = 5.0) -> bytes:
    """All that comes back for `sent`, up to the connection's end or to `until`."""
    with socket.create_connection((address, 8080), seconds) as link:
        link.sendall(sent)
        received = b""
        while not until or until not in received:
            part = link.recv(65536)
            if not part:
                break
            received += part
        return received
