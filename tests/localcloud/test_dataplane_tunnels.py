"""TCP listeners, and the health checks that classic load balancers have: TCP, another port, and no failing open."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest

from apps.localcloud.dataplane import ProxyDataPlane
from apps.localcloud.interfaces import DataPlaneConfig, Health, HealthCheck, ListenerConfig, TargetGroupConfig
from tests.localcloud.balancers import QUICK, config, forward, get, group, healthy, raw
from tests.localcloud.targets import HttpTarget, address, eventually, serving

TCP = HealthCheck(interval=0.1, timeout=1.0, healthy_threshold=2, unhealthy_threshold=2, tcp=True, eager=False)


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProxyDataPlane]:
    plane = ProxyDataPlane(tmp_path_factory.mktemp("plane"))
    yield plane
    plane.close()


def _tunnel(where: str, *groups: TargetGroupConfig) -> DataPlaneConfig:
    names = {one.arn: 1 for one in groups}
    return DataPlaneConfig((ListenerConfig("lb", where, 8080, (forward(**names),), tcp=True),), groups)


def _refused(where: str) -> bool:
    """Whether a new connection is ended without an answer."""
    try:
        return raw(where, b"GET / HTTP/1.1\r\n\r\n") == b""
    except ConnectionError:
        return True


def test_bytes_pass_both_ways_and_the_connection_ends_with_either_side(plane: ProxyDataPlane) -> None:
    target, where = HttpTarget("one"), address()
    with serving(target):
        plane.apply(_tunnel(where, group("a", target, check=TCP)))
        healthy(plane, target)
        body = b"x" * 3_000_000
        head = b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body)
        answer = raw(where, head + body, until=body)
        assert answer.startswith(b"HTTP/1.1 200")
        assert b"x-forwarded-for" not in target.requests[-1].headers
        assert raw(where, b"GET /unframed HTTP/1.1\r\nHost: x\r\n\r\n").endswith(b"until the end")
        eventually(lambda: [one.in_flight for one in plane.health().values()] == [0])


def test_a_connection_counts_as_under_way_and_stays_while_its_target_drains(plane: ProxyDataPlane) -> None:
    target, where = HttpTarget("one"), address()
    with serving(target):
        plane.apply(_tunnel(where, group("a", target, check=TCP)))
        healthy(plane, target)
        with socket.create_connection((where, 8080), 5) as held:
            eventually(lambda: [one.in_flight for one in plane.health().values()] == [1])
            plane.apply(_tunnel(where, group("a", draining=(target,), check=TCP)))
            held.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert held.recv(4096).startswith(b"HTTP/1.1 200")
            assert _refused(where)
        eventually(lambda: [one.in_flight for one in plane.health().values()] == [0])


def test_a_check_of_another_port_by_tcp_needs_its_threshold_before_the_first_request(plane: ProxyDataPlane) -> None:
    target, where = HttpTarget("one"), address()
    with serving(target) as servers:
        closed = replace(group("a", target, check=replace(TCP, port=8081)), fail_open=False)
        plane.apply(config(where, (forward(a=1),), closed))
        eventually(lambda: [one.state for one in plane.health().values()] == [Health.UNHEALTHY])
        assert get(where).status == 503
        plane.apply(config(where, (forward(a=1),), replace(closed, fail_open=True)))
        assert get(where).status == 200
        plane.apply(config(where, (forward(a=1),), replace(closed, health_check=replace(TCP, port=8080))))
        healthy(plane, target)
        assert get(where).status == 200
        servers.stop(target)
        eventually(lambda: [one.state for one in plane.health().values()] == [Health.UNHEALTHY])


def test_an_eager_check_makes_a_target_healthy_sooner_than_one_that_is_not(plane: ProxyDataPlane) -> None:
    target, where = HttpTarget("one"), address()
    slow = replace(QUICK, interval=0.5, healthy_threshold=4)
    with serving(target):
        groups = group("a", target, check=slow), group("b", target, check=replace(slow, eager=False))
        plane.apply(config(where, (forward(a=1, b=1),), *groups))
        eventually(lambda: plane.health()["a", "one", 8080].state is Health.HEALTHY)
        assert plane.health()["b", "one", 8080].state is Health.INITIAL
        eventually(lambda: plane.health()["b", "one", 8080].state is Health.HEALTHY)
