"""The sample service, the fleet and the data plane together: a version flip that no client notices."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.localcloud import sample
from apps.localcloud.dataplane import ProxyDataPlane
from apps.localcloud.interfaces import Health, Target, TargetGroupConfig
from tests.load import LoadClient
from tests.localcloud.balancers import QUICK, config, forward
from tests.localcloud.fleets import Told
from tests.localcloud.targets import address, eventually


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    told = Told(tmp_path / "fleet")
    yield told
    told.fleet.close()


@pytest.fixture
def plane(tmp_path: Path) -> Iterator[ProxyDataPlane]:
    plane = ProxyDataPlane(tmp_path / "plane")
    yield plane
    plane.close()


def _boot(told: Told, tmp_path: Path, version: str, count: int, fault: str | None = None) -> TargetGroupConfig:
    tree = tmp_path / f"ami-{version}"
    sample.build(tree, "shop", version, fault=fault)
    names = [f"i-{version}-{number}" for number in range(count)]
    targets = tuple(Target(name, told.boot(name, tree, "export EXTRA=1", boot_seconds=0.2), 8080) for name in names)
    return TargetGroupConfig(version, targets, QUICK)


def _all_healthy(plane: ProxyDataPlane, version: str) -> bool:
    return all(reading.state is Health.HEALTHY for key, reading in plane.health().items() if key[0] == version)


def test_a_new_version_takes_over_under_load_and_the_old_one_ends(
    told: Told, plane: ProxyDataPlane, tmp_path: Path
) -> None:
    where, old = address(), _boot(told, tmp_path, "1", 3)
    plane.apply(config(where, (forward(**{"1": 1}),), old))
    eventually(lambda: _all_healthy(plane, "1"))
    load = LoadClient(f"http://{where}:8080/", rate=200)
    load.start()
    new = _boot(told, tmp_path, "2", 3)
    plane.apply(config(where, (forward(**{"1": 1, "2": 0}),), old, new))
    eventually(lambda: _all_healthy(plane, "2"))
    plane.apply(config(where, (forward(**{"1": 1, "2": 1}),), old, new))
    plane.apply(config(where, (forward(**{"2": 1}),), new))
    for target in old.targets:
        told.fleet.stop(target.id)
    assert {told.ended(target.id) for target in old.targets} == {0}
    result = load.stop()
    assert not result.failures, result
    assert result.order[0] == "shop 1"
    assert result.transitions[-1][1] == "shop 2"


def test_a_dead_service_fails_requests_only_until_health_checks_see_it(
    told: Told, plane: ProxyDataPlane, tmp_path: Path
) -> None:
    where, group = address(), _boot(told, tmp_path, "1", 3)
    plane.apply(config(where, (forward(**{"1": 1}),), group))
    eventually(lambda: _all_healthy(plane, "1"))
    load = LoadClient(f"http://{where}:8080/", rate=200)
    load.start()
    pid = told.fleet.pid("i-1-0")
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: not _all_healthy(plane, "1"))
    seen, known = len(load.result.failures), time.time()
    time.sleep(0.8)
    result = load.stop()
    assert {failure.reason for failure in result.failures} <= {"status 502"}
    assert 0 < seen < 200 * 3
    assert not [failure for failure in result.failures if failure.at > known + 0.3]


def test_a_version_that_is_never_healthy_gets_no_request_beside_a_good_one(
    told: Told, plane: ProxyDataPlane, tmp_path: Path
) -> None:
    where, good = address(), _boot(told, tmp_path, "1", 1)
    bad = _boot(told, tmp_path, "2", 1, fault="never_healthy")
    both = TargetGroupConfig("both", good.targets + bad.targets, QUICK)
    plane.apply(config(where, (forward(both=1),), both))
    eventually(lambda: len({reading.state for reading in plane.health().values()} - {Health.INITIAL}) == 2)
    reading = plane.health()[("both", "i-2-0", 8080)]
    assert reading.description == "Health checks failed with these codes: [503]"
    load = LoadClient(f"http://{where}:8080/", rate=200)
    load.start()
    time.sleep(0.3)
    result = load.stop()
    assert not result.failures, result
    assert result.order == ["shop 1"]
