"""Changes under traffic: nobody notices them. And what happens when the proxy itself dies."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.localcloud.dataplane import ProxyDataPlane
from apps.localcloud.interfaces import Health
from tests.load import LoadClient
from tests.localcloud.balancers import answered, config, forward, get, group, healthy, numbered, text
from tests.localcloud.targets import HttpTarget, address, eventually, serving
from tests.processes import alive, of

# A control process that does nothing but hold a data plane, and says which process that is.
HOLDER = """
import sys, time
from pathlib import Path
from apps.localcloud.dataplane import ProxyDataPlane
plane = ProxyDataPlane(Path(sys.argv[1]))
print(plane.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProxyDataPlane]:
    plane = ProxyDataPlane(tmp_path_factory.mktemp("plane"))
    yield plane
    plane.close()


def test_a_version_flip_by_weights_fails_no_request(plane: ProxyDataPlane) -> None:
    old, new = [HttpTarget("old") for _ in range(3)], [HttpTarget("new") for _ in range(3)]
    where = address()
    with serving(*old, *new):
        groups = [numbered("a", old), numbered("b", new)]
        plane.apply(config(where, (forward(a=100, b=0),), *groups))
        eventually(lambda: all(item.state is Health.HEALTHY for item in plane.health().values()))
        load = LoadClient(f"http://{where}:8080/", rate=400)
        load.start()
        for share in (0, 10, 50, 90, 100):
            plane.apply(config(where, (forward(a=100 - share, b=share),), *groups))
            time.sleep(0.3)
        answered(plane, "a0", "a1", "a2")
        before = sum(len(one.requests) for one in old)
        time.sleep(0.3)
        assert sum(len(one.requests) for one in old) == before
        result = load.stop()
    assert not result.failures, result
    assert result.total > 500
    assert result.order == ["old", "new"]


def test_draining_one_half_of_a_shared_group_fails_no_request(plane: ProxyDataPlane) -> None:
    old, new, where = HttpTarget("old"), HttpTarget("new"), address()
    with serving(old, new):
        plane.apply(config(where, (forward(g=1),), group("g", old, new)))
        healthy(plane, old, new)
        load = LoadClient(f"http://{where}:8080/slow?seconds=0.05", rate=300)
        load.start()
        time.sleep(0.4)
        plane.apply(config(where, (forward(g=1),), group("g", new, draining=(old,))))
        answered(plane, "old")
        seen = len(old.requests)
        time.sleep(0.4)
        plane.apply(config(where, (forward(g=1),), group("g", new)))
        result = load.stop()
        assert not result.failures, result
        assert len(old.requests) == seen
        eventually(lambda: old.open_now == 0)  # its kept connections are closed


def test_a_request_in_flight_ends_although_its_target_leaves(plane: ProxyDataPlane) -> None:
    old, new, where = HttpTarget("old"), HttpTarget("new"), address()
    with serving(old, new):
        plane.apply(config(where, (forward(g=1),), group("g", old)))
        healthy(plane, old)
        answers: list[str] = []
        asker = threading.Thread(target=lambda: answers.append(text(where, "/slow?seconds=1")))
        asker.start()
        eventually(lambda: any(item.in_flight == 1 for item in plane.health().values()))
        plane.apply(config(where, (forward(g=1),), group("g", new, draining=(old,))))
        reading = plane.health()[("g", "old", 8080)]
        assert (reading.state, reading.in_flight) == (Health.DRAINING, 1)
        plane.apply(config(where, (forward(g=1),), group("g", new)))
        assert text(where) == "new"
        asker.join(5)
        assert answers == ["old"]


def test_an_open_connection_follows_a_change_at_its_next_request(plane: ProxyDataPlane) -> None:
    old, new, where = HttpTarget("old"), HttpTarget("new"), address()
    with serving(old, new):
        connection = http.client.HTTPConnection(where, 8080, timeout=5)
        for target in (old, new, old, new):
            plane.apply(config(where, (forward(**{target.name: 1}),), group("old", old), group("new", new)))
            connection.request("GET", "/")
            assert connection.getresponse().read().decode() == target.name
        connection.close()


def test_a_killed_proxy_comes_back_with_what_it_knew(plane: ProxyDataPlane) -> None:
    good, bad, where = HttpTarget("good"), HttpTarget("bad", health=500), address()
    with serving(good, bad):
        plane.apply(config(where, (forward(g=1),), group("g", good, bad)))
        healthy(plane, good)
        eventually(lambda: plane.health()[("g", "bad", 8080)].state is Health.UNHEALTHY)
        killed = plane.pid
        os.kill(killed, signal.SIGKILL)
        eventually(lambda: plane.pid != killed and _answers(where))
        assert {text(where) for _ in range(4)} == {"good"}


def test_a_call_while_the_proxy_is_down_waits_for_the_next_one(plane: ProxyDataPlane) -> None:
    target, where = HttpTarget("one"), address()
    with serving(target):
        os.kill(plane.pid, signal.SIGKILL)
        plane.apply(config(where, (forward(g=1),), group("g", target)))
        assert text(where) == "one"


def test_the_proxy_dies_with_its_master(tmp_path: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None
        proxy = of(int(holder.stdout.readline()))
    finally:
        holder.kill()
        holder.wait()
    eventually(lambda: not alive(proxy))


def test_close_ends_the_process_and_later_calls_are_refused(tmp_path: Path) -> None:
    plane = ProxyDataPlane(tmp_path)
    proxy = of(plane.pid)
    plane.close()
    assert not alive(proxy)
    with pytest.raises(ConnectionError):
        plane.traffic()


def _answers(where: str) -> bool:
    try:
        return get(where).status == 200
    except OSError:
        return False
