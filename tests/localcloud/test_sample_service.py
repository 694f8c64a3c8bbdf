"""The sample service, run as an instance runs it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from apps.localcloud import sample
from tests.load import LoadClient
from tests.localcloud.balancers import get, raw, text
from tests.localcloud.fleets import listens
from tests.localcloud.targets import address, eventually


@dataclass
class Service:
    """A running sample."""

    process: subprocess.Popen[str]
    address: str

    def console(self) -> str:
        """All it printed; it must have ended."""
        assert self.process.stdout is not None
        return str(self.process.stdout.read())


@contextmanager
def running(tree: Path, **environment: str) -> Iterator[Service]:
    """The service of an image tree, in a process of its own, with only the standard library."""
    where = address()
    process = subprocess.Popen(
        [
            sys.executable,
            "-I",
            "-S",
            "-c",
            f"import sys, runpy; sys.path.insert(0, {str(tree)!r}); runpy.run_path('service.py')",
        ],
        cwd=tree,
        env={"SERVICE_ADDRESS": where, "SERVICE_PORT": "8080", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        eventually(lambda: listens(where) or process.poll() is not None)
        yield Service(process, where)
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    tree = tmp_path_factory.mktemp("images") / "good"
    sample.build(tree, "shop", "1.4.2")
    with running(tree) as service:
        yield service.address


def test_it_says_its_application_and_version(good: str) -> None:
    response = get(good)
    assert response.status == 200
    assert response.text == "shop 1.4.2"  # type: ignore[attr-defined]
    assert response.headers["Content-Length"] == "10"
    assert response.headers["Content-Type"].startswith("text/plain")


def test_it_is_healthy(good: str) -> None:
    assert text(good, "/health") == "healthy"


def test_it_keeps_connections_and_answers_pipelined_requests_in_order(good: str) -> None:
    one = b"GET %b HTTP/1.1\r\nHost: x\r\n\r\n"
    sent = one % b"/slow?seconds=0.1" + one % b"/none" + b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n" + one % b"/"
    answer = raw(good, sent + b"GET /health HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert re.findall(rb"HTTP/1\.1 (\d+)", answer) == [b"200", b"404", b"200", b"200", b"200"]
    assert answer.count(b"shop 1.4.2") == 2
    assert answer.endswith(b"healthy")


def test_other_methods_and_nonsense_are_refused(good: str) -> None:
    assert get(good, method="POST", body=b"body").status == 405
    assert get(good, "/slow?seconds=many").status == 400
    assert raw(good, b"nonsense\r\n\r\n").startswith(b"HTTP/1.1 400 ")


def test_a_never_healthy_version_serves_but_fails_its_check_with_a_reason(tmp_path: Path) -> None:
    sample.build(tmp_path / "bad", "shop", "6.6.6", fault="never_healthy")
    with running(tmp_path / "bad") as service:
        response = get(service.address, "/health")
        assert response.status == 503
        assert "cannot reach" in response.text  # type: ignore[attr-defined]
        assert text(service.address) == "shop 6.6.6"


def test_a_version_with_errors_fails_about_one_request_in_twenty(tmp_path: Path) -> None:
    sample.build(tmp_path / "bad", "shop", "6.6.6", fault="errors")
    with running(tmp_path / "bad") as service:
        load = LoadClient(f"http://{service.address}:8080/", rate=800)
        load.start()
        eventually(lambda: load.result.total >= 1000)
        result = load.stop()
        assert Counter(failure.reason for failure in result.failures).keys() == {"status 500"}
        assert 0.02 < len(result.failures) / result.total < 0.09
        assert get(service.address, "/health").status == 200


def test_a_slow_version_takes_at_least_300_milliseconds(tmp_path: Path) -> None:
    sample.build(tmp_path / "bad", "shop", "6.6.6", fault="slow")
    with running(tmp_path / "bad") as service:
        started = time.monotonic()
        text(service.address)
        assert time.monotonic() - started >= 0.3


def test_an_unknown_fault_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        sample.build(tmp_path / "bad", "shop", "1", fault="unknown")


def test_it_finishes_what_is_under_way_and_keeps_no_connection_when_told_to_stop(tmp_path: Path) -> None:
    sample.build(tmp_path / "good", "shop", "1")
    with running(tmp_path / "good") as service:
        answers: list[str] = []
        asker = threading.Thread(target=lambda: answers.append(text(service.address, "/slow?seconds=1.5")))
        asker.start()
        time.sleep(0.3)  # it says nowhere that a request has begun
        with socket.create_connection((service.address, 8080), 5) as kept:
            kept.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert b"keep-alive" in kept.recv(1000)
            os.kill(service.process.pid, signal.SIGTERM)
            eventually(lambda: get(service.address, "/health").headers["Connection"] == "close")
            kept.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert b"Connection: close" in kept.recv(1000)
        asker.join(5)
        assert answers == ["shop 1"]
        assert service.process.wait(5) == 0
        assert "Traceback" not in service.console()


def test_it_shows_what_user_data_told_it_of_itself_and_nothing_else(tmp_path: Path) -> None:
    sample.build(tmp_path / "told", "api", "4.2.0")
    with running(
        tmp_path / "told", CLOUD_GROUP="api-prod-v013", CLOUD_CLUSTER="api-prod", DB_PASSWORD="hush"
    ) as service:
        assert text(service.address, "/identity") == "CLOUD_CLUSTER=api-prod\nCLOUD_GROUP=api-prod-v013\n"
        assert text(service.address, "/") == "api 4.2.0"
