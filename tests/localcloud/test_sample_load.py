"""The load client, on whose word every test of a push relies: it misses no failure and holds its rate."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from tests.load import LoadClient
from tests.localcloud.targets import HttpTarget, Servers, address, eventually, serving


def _reasons(path: str, servers: Servers, target: HttpTarget) -> Counter[str]:
    load = LoadClient(f"http://{target.address}:8080{path}", rate=100)
    load.start()
    eventually(lambda: load.result.total >= 20)
    result = load.stop()
    assert len(result.failures) == result.total
    return Counter(failure.reason for failure in result.failures)


def test_broken_connections_and_half_answers_are_failures() -> None:
    target = HttpTarget("one")
    with serving(target) as servers:
        assert all("Incomplete" in reason for reason in _reasons("/drop", servers, target))
        assert all("Incomplete" in reason for reason in _reasons("/half", servers, target))


def test_a_refused_connection_is_a_failure() -> None:
    load = LoadClient(f"http://{address()}:8080/", rate=100)
    load.start()
    eventually(lambda: load.result.total >= 10)
    result = load.stop()
    assert len(result.failures) == result.total
    assert "ConnectionRefusedError" in result.failures[0].reason


def test_a_slow_service_does_not_slow_the_client() -> None:
    target = HttpTarget("one")
    with serving(target):
        load = LoadClient(f"http://{target.address}:8080/slow?seconds=0.5", rate=100)
        started = time.monotonic()
        load.start()
        time.sleep(1)
        result = load.stop()
        assert not result.failures, result
        assert 90 <= result.total <= 110 * (time.monotonic() - started)
        assert 0.5 <= result.percentile(0.5) < 2


def test_it_runs_from_the_command_line_and_its_status_tells() -> None:
    target = HttpTarget("one")
    command = [sys.executable, "-m", "tests.load", f"http://{target.address}:8080/", "--rate", "50", "--seconds", "0.5"]
    root = Path(__file__).parents[2]
    refused = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert (refused.returncode, "ConnectionRefusedError" in refused.stdout) == (1, True)
    with serving(target):
        served = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert (served.returncode, "0 failed" in served.stdout) == (0, True)
