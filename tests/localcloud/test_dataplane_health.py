"""Target health as DescribeTargetHealth tells it, from real HTTP checks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from apps.localcloud.dataplane import ProxyDataPlane
from apps.localcloud.dataplane.checks import accepted
from apps.localcloud.interfaces import DataPlaneConfig, Health, TargetReading
from tests.localcloud.balancers import QUICK, config, forward, group, healthy
from tests.localcloud.targets import HttpTarget, address, eventually, serving


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProxyDataPlane]:
    plane = ProxyDataPlane(tmp_path_factory.mktemp("plane"))
    yield plane
    plane.close()


def reading(plane: ProxyDataPlane, name: str = "one") -> TargetReading:
    return next(item for key, item in plane.health().items() if key[1] == name)


def becomes(plane: ProxyDataPlane, state: Health, reason: str, description: str) -> None:
    wanted = TargetReading(state, reason, description)
    eventually(lambda: reading(plane) == wanted)


def test_a_target_that_answers_is_healthy_after_its_first_check(plane: ProxyDataPlane) -> None:
    target = HttpTarget("one", health_delay=0.4)
    check = replace(QUICK, healthy_threshold=5, interval=30)
    with serving(target):
        plane.apply(config(address(), (forward(g=1),), group("g", target, check=check)))
        first = reading(plane)
        assert first.state is Health.INITIAL
        assert first.reason in ("Elb.RegistrationInProgress", "Elb.InitialHealthChecking")
        becomes(plane, Health.HEALTHY, "", "")
        assert target.checks == 1


def test_a_wrong_status_is_told_with_its_code(plane: ProxyDataPlane) -> None:
    target = HttpTarget("one", health=503)
    with serving(target):
        plane.apply(config(address(), (forward(g=1),), group("g", target)))
        becomes(plane, Health.UNHEALTHY, "Target.ResponseCodeMismatch", "Health checks failed with these codes: [503]")


def test_no_answer_in_time_is_told(plane: ProxyDataPlane) -> None:
    target = HttpTarget("one", health_delay=5)
    with serving(target):
        plane.apply(config(address(), (forward(g=1),), group("g", target, check=replace(QUICK, timeout=0.1))))
        becomes(plane, Health.UNHEALTHY, "Target.Timeout", "Request timed out")


def test_a_refused_connection_is_told(plane: ProxyDataPlane) -> None:
    plane.apply(config(address(), (forward(g=1),), group("g", HttpTarget("one"))))
    becomes(plane, Health.UNHEALTHY, "Target.FailedHealthChecks", "Health checks failed")


def test_the_thresholds_decide_when_health_turns(plane: ProxyDataPlane) -> None:
    target = HttpTarget("one")
    check = replace(QUICK, interval=0.2, unhealthy_threshold=3, healthy_threshold=4)
    with serving(target):
        plane.apply(config(address(), (forward(g=1),), group("g", target, check=check)))
        healthy(plane, target)
        target.health, before = 500, target.checks
        eventually(lambda: reading(plane).state is Health.UNHEALTHY)
        assert 3 <= target.checks - before <= 6
        target.health, before = 200, target.checks
        eventually(lambda: reading(plane).state is Health.HEALTHY)
        assert 4 <= target.checks - before <= 7


def test_a_group_in_no_rule_is_unused_and_not_checked(plane: ProxyDataPlane) -> None:
    target = HttpTarget("one")
    with serving(target):
        plane.apply(DataPlaneConfig((), (group("g", target),)))
        assert (reading(plane).state, reading(plane).reason) == (Health.UNUSED, "Target.NotInUse")
        where = address()
        plane.apply(config(where, (forward(g=0),), group("g", target)))
        healthy(plane, target)  # a rule with weight 0 uses it all the same
        plane.apply(DataPlaneConfig((), (group("g", target),)))
        assert reading(plane).state is Health.UNUSED
        checks = target.checks
        time.sleep(5 * QUICK.interval)  # nothing to wait for: no check may come
        assert target.checks - checks <= 1
        plane.apply(config(where, (forward(g=1),), group("g", target)))
        assert reading(plane).state is not Health.UNUSED


def test_a_deregistered_target_is_draining_until_it_is_gone(plane: ProxyDataPlane) -> None:
    target, where = HttpTarget("one"), address()
    with serving(target):
        plane.apply(config(where, (forward(g=1),), group("g", target)))
        healthy(plane, target)
        plane.apply(config(where, (forward(g=1),), group("g", draining=(target,))))
        assert reading(plane).state is Health.DRAINING
        assert reading(plane).reason == "Target.DeregistrationInProgress"
        plane.apply(config(where, (forward(g=1),), group("g")))
        assert plane.health() == {}


def test_a_target_keeps_its_health_over_a_change_of_others(plane: ProxyDataPlane) -> None:
    one, two, where = HttpTarget("one"), HttpTarget("two"), address()
    with serving(one, two):
        plane.apply(config(where, (forward(g=1),), group("g", one)))
        healthy(plane, one)
        plane.apply(config(where, (forward(g=1),), group("g", one, two)))
        assert reading(plane).state is Health.HEALTHY


@pytest.mark.parametrize(
    ("matcher", "good", "bad"),
    [("200", [200], [201, 503]), ("200-299", [200, 250, 299], [199, 300]), ("200, 202-203", [200, 202, 203], [201])],
)
def test_the_matcher_takes_codes_lists_and_ranges(matcher: str, good: list[int], bad: list[int]) -> None:
    assert all(accepted(matcher, status) for status in good)
    assert not any(accepted(matcher, status) for status in bad)
