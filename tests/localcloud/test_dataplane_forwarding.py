"""How the data plane carries one request to a target and its answer back."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.localcloud.dataplane import ProxyDataPlane
from tests.localcloud.balancers import config, forward, get, group, healthy, raw, text
from tests.localcloud.targets import HttpTarget, Servers, address, eventually, serving


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProxyDataPlane]:
    plane = ProxyDataPlane(tmp_path_factory.mktemp("plane"), idle=2.0)
    yield plane
    plane.close()


@pytest.fixture
def target() -> HttpTarget:
    return HttpTarget("one")


@pytest.fixture
def servers(target: HttpTarget) -> Iterator[Servers]:
    with serving(target) as servers:
        yield servers


@pytest.fixture
def balancer(plane: ProxyDataPlane, target: HttpTarget, servers: Servers) -> str:
    where = address()
    plane.apply(config(where, (forward(g=1),), group("g", target)))
    healthy(plane, target)
    return where


def test_a_request_reaches_the_target_and_its_answer_the_client(balancer: str, target: HttpTarget) -> None:
    response = get(balancer, "/some/path?query=1", X_Mine="yes")
    assert (response.status, response.headers["X-Target"]) == (200, "one")
    assert target.requests[0].target == "/some/path?query=1"
    assert target.requests[0].headers["x-mine"] == "yes"
    assert target.requests[0].headers["host"] == f"{balancer}:8080"


def test_the_target_is_told_who_asked(balancer: str, target: HttpTarget) -> None:
    get(balancer, X_Forwarded_For="10.0.0.9", X_Forwarded_Proto="https", X_Forwarded_Port="1")
    headers = target.requests[0].headers
    assert headers["x-forwarded-for"].startswith("10.0.0.9, 127.")
    assert (headers["x-forwarded-proto"], headers["x-forwarded-port"]) == ("http", "8080")


def test_headers_of_one_connection_stay_on_it(balancer: str, target: HttpTarget) -> None:
    get(balancer, Connection="X-Private", X_Private="1", Keep_Alive="5", TE="trailers", Proxy_Authorization="x")
    assert (
        not {"connection", "x-private", "keep-alive", "te", "proxy-authorization"} & target.requests[0].headers.keys()
    )


def test_connections_are_kept_on_both_sides(balancer: str, target: HttpTarget) -> None:
    before = target.connections - target.checks
    connection = http.client.HTTPConnection(balancer, 8080, timeout=5)
    for _ in range(20):
        connection.request("GET", "/")
        assert connection.getresponse().read() == b"one"
    connection.close()
    assert target.connections - target.checks - before <= 1


def test_a_body_with_a_length_is_carried(balancer: str) -> None:
    body = bytes(range(256)) * 4000
    connection = http.client.HTTPConnection(balancer, 8080, timeout=10)
    connection.request("POST", "/echo", body)
    assert connection.getresponse().read() == body
    connection.close()


def test_a_chunked_body_is_carried(balancer: str, target: HttpTarget) -> None:
    connection = http.client.HTTPConnection(balancer, 8080, timeout=10)
    connection.request(
        "POST", "/echo", iter([b"a" * 70_000, b"b", b"c" * 100]), {"Transfer-Encoding": "chunked"}, encode_chunked=True
    )
    assert connection.getresponse().read() == b"a" * 70_000 + b"b" + b"c" * 100
    assert target.requests[0].headers["transfer-encoding"] == "chunked"
    connection.close()


def test_a_chunked_answer_is_carried(balancer: str) -> None:
    response = get(balancer, "/chunked")
    assert response.headers["Transfer-Encoding"] == "chunked"
    assert response.text == "one,two,three"  # type: ignore[attr-defined]


def test_an_answer_that_ends_with_its_connection_is_carried(balancer: str) -> None:
    assert text(balancer, "/unframed") == "until the end"


def test_an_old_client_gets_no_chunks(balancer: str) -> None:
    answer = raw(balancer, b"GET /chunked HTTP/1.0\r\n\r\n")
    assert answer.endswith(b"\r\n\r\none,two,three")
    assert b"Connection: close" in answer


def test_head_has_the_length_and_no_body(balancer: str) -> None:
    request = b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"
    last = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    answer = raw(balancer, request + request + last)
    assert answer.count(b"Content-Length: 3") == 3
    assert answer.count(b"\r\n\r\none") == 1


def test_pipelined_requests_are_answered_in_their_order(balancer: str, target: HttpTarget) -> None:
    sent = b"".join(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n%02d" % number for number in range(50))
    answer = raw(balancer, sent + b"GET /slow?seconds=0.05 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    bodies = [part[:2] for part in answer.split(b"\r\n\r\n")[1:]]
    assert bodies == [b"%02d" % number for number in range(50)] + [b"on"]


def test_a_client_that_waits_for_leave_to_send_its_body_gets_it(balancer: str, target: HttpTarget) -> None:
    with socket.create_connection((balancer, 8080), 5) as link:
        link.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
        assert link.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        link.sendall(b"body")
        assert link.recv(1000).endswith(b"body")
    assert "expect" not in target.requests[0].headers


def test_nonsense_is_refused(balancer: str) -> None:
    assert raw(balancer, b"nonsense\r\n\r\n").startswith(b"HTTP/1.1 400 ")


def test_two_framings_at_once_are_refused(balancer: str, target: HttpTarget) -> None:
    sent = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    assert raw(balancer, sent).startswith(b"HTTP/1.1 400 ")
    assert not target.requests


def test_a_head_without_end_is_refused(balancer: str) -> None:
    sent = b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-Long: " + b"a" * 70_000
    assert raw(balancer, sent + b"\r\n\r\n").startswith(b"HTTP/1.1 431 ")


def test_upgrade_is_not_passed_on(balancer: str, target: HttpTarget) -> None:
    sent = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    assert raw(balancer, sent).startswith(b"HTTP/1.1 200 ")
    assert "upgrade" not in target.requests[0].headers


def test_a_target_that_closes_without_an_answer_gives_502(balancer: str) -> None:
    assert get(balancer, "/drop").status == 502


def test_a_target_that_refuses_gives_502_and_no_other_is_tried(
    plane: ProxyDataPlane, balancer: str, target: HttpTarget, servers: Servers
) -> None:
    other = HttpTarget("other")
    servers.start(other)
    slow = group("g", target, other).health_check.__class__(path="/health", interval=60)
    plane.apply(config(balancer, (forward(g=1),), group("g", target, other, check=slow)))
    healthy(plane, target, other)
    servers.stop(target)
    statuses = [get(balancer).status for _ in range(10)]
    assert sorted(statuses) == [200] * 5 + [502] * 5


def test_a_target_that_takes_too_long_gives_504(balancer: str) -> None:
    assert get(balancer, "/slow?seconds=9").status == 504


def test_a_target_that_dies_within_its_answer_breaks_the_connection(balancer: str) -> None:
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        get(balancer, "/half")


def test_a_kept_connection_that_went_stale_does_not_fail_the_client(balancer: str, target: HttpTarget) -> None:
    connection = http.client.HTTPConnection(balancer, 8080, timeout=5)
    for number in range(30):
        method = "POST" if number % 2 else "GET"
        connection.request(method, "/stale", b"x" * 10 if number % 2 else None)
        response = connection.getresponse()
        assert (response.status, response.read()) == (200, b"one")
    connection.close()


def test_a_client_that_leaves_frees_the_target(plane: ProxyDataPlane, balancer: str, target: HttpTarget) -> None:
    with socket.create_connection((balancer, 8080), 5) as link:
        link.sendall(b"GET /slow?seconds=9 HTTP/1.1\r\nHost: x\r\n\r\n")
        eventually(lambda: any(reading.in_flight for reading in plane.health().values()))
    eventually(lambda: not any(reading.in_flight for reading in plane.health().values()), 1.5)


def test_a_slow_reader_holds_up_the_target_and_not_the_proxy(balancer: str, plane: ProxyDataPlane) -> None:
    body = b"z" * 40_000_000
    with socket.create_connection((balancer, 8080), 20) as link:
        link.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body))
        link.sendall(body)
        assert link.recv(100).startswith(b"HTTP/1.1 200 ")
        assert _resident(plane.pid) < 120_000_000
        received = 0
        while received < len(body) - 1000:
            received += len(link.recv(1 << 20))


def _resident(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096
