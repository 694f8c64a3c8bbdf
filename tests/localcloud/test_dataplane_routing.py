"""Which target a request goes to: rules, weights, turns, and what happens when there is nobody to ask."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.localcloud.dataplane import ProxyDataPlane
from apps.localcloud.dataplane.routing import CompiledRule
from apps.localcloud.interfaces import DataPlaneConfig, HealthCheck, ListenerConfig, Rule, TargetGroupConfig
from tests.localcloud.balancers import config, forward, get, group, healthy, text
from tests.localcloud.targets import HttpTarget, address, serving

NEVER = HealthCheck(path="/health", interval=60)


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProxyDataPlane]:
    plane = ProxyDataPlane(tmp_path_factory.mktemp("plane"))
    yield plane
    plane.close()


@pytest.fixture(scope="module")
def four() -> Iterator[list[HttpTarget]]:
    targets = [HttpTarget(f"t{number}") for number in range(4)]
    with serving(*targets):
        yield targets


@pytest.fixture
def where() -> str:
    return address()


def test_healthy_targets_take_turns(plane: ProxyDataPlane, four: list[HttpTarget], where: str) -> None:
    plane.apply(config(where, (forward(g=1),), group("g", *four)))
    healthy(plane, *four)
    assert set(Counter(text(where) for _ in range(40)).values()) == {10}


def test_requests_are_dealt_by_the_groups_weights_not_their_sizes(
    plane: ProxyDataPlane, four: list[HttpTarget], where: str
) -> None:
    plane.apply(
        config(where, (forward(a=90, b=10, c=0),), group("a", four[0]), group("b", *four[1:3]), group("c", four[3]))
    )
    healthy(plane, *four[:3])
    counts = Counter(text(where) for _ in range(200))
    assert counts == {"t0": 180, "t1": 10, "t2": 10}


def test_a_group_of_weight_zero_gets_nothing(plane: ProxyDataPlane, four: list[HttpTarget], where: str) -> None:
    plane.apply(config(where, (forward(a=0),), group("a", four[0])))
    assert get(where).status == 503


def test_an_empty_group_answers_503_for_its_share(plane: ProxyDataPlane, four: list[HttpTarget], where: str) -> None:
    plane.apply(config(where, (forward(a=1, b=1),), group("a", four[0]), group("b")))
    assert Counter(get(where).status for _ in range(10)) == {200: 5, 503: 5}


def test_rules_are_tried_in_their_order(plane: ProxyDataPlane, four: list[HttpTarget], where: str) -> None:
    rules = (
        Rule(1, path_patterns=("/api/*", "/v?"), forward=(("a", 1),)),
        Rule(2, host_headers=("*.example.com",), forward=(("b", 1),)),
        Rule(3, headers=(("X-Canary", ("yes", "on*")),), forward=(("c", 1),)),
        Rule(4, path_patterns=("/gone",), fixed=(410, "text/plain", "it went")),
        Rule(5, path_patterns=("/both",), headers=(("X-Canary", ("yes",)),), forward=(("a", 1),)),
        forward(d=1),
    )
    groups = [group(name, target) for name, target in zip("abcd", four, strict=True)]
    plane.apply(config(where, rules, *groups))
    assert text(where, "/api/x?y=1") == text(where, "/v1") == "t0"
    assert text(where, "/v12") == text(where, "/API/x") == text(where, "/both") == "t3"
    assert text(where, Host="Shop.Example.com:8080") == "t1"
    assert text(where, X_Canary="ONCE") == "t2"
    gone = get(where, "/gone")
    assert (gone.status, gone.headers["Content-Type"], gone.text) == (410, "text/plain", "it went")  # type: ignore[attr-defined]


def test_without_any_healthy_target_all_are_asked(plane: ProxyDataPlane, four: list[HttpTarget], where: str) -> None:
    plane.apply(config(where, (forward(g=1),), group("g", *four[:2], check=HealthCheck(path="/health", matcher="204"))))
    assert {text(where) for _ in range(4)} == {"t0", "t1"}


def test_a_target_on_trial_gets_nothing_beside_a_healthy_one(plane: ProxyDataPlane, where: str) -> None:
    good, new = HttpTarget("good"), HttpTarget("new", health_delay=3)
    with serving(good, new):
        plane.apply(config(where, (forward(g=1),), group("g", good, new, check=NEVER)))
        healthy(plane, good)
        assert {text(where) for _ in range(6)} == {"good"}


def test_a_listener_without_a_matching_rule_answers_404(plane: ProxyDataPlane, where: str) -> None:
    plane.apply(config(where, ()))
    assert get(where).status == 404


def test_a_load_balancers_own_errors_are_counted_apart(
    plane: ProxyDataPlane, four: list[HttpTarget], where: str
) -> None:
    plane.apply(
        config(
            where,
            (Rule(1, path_patterns=("/empty",), forward=(("e", 1),)), forward(a=1)),
            group("a", four[0]),
            group("e"),
        )
    )
    plane.traffic()
    for path in ("/", "/", "/empty", "/drop"):
        get(where, path)
    seen = {row.target_group: row for row in plane.traffic()}
    assert (seen["a"].requests, seen["a"].target_2xx, seen["a"].elb_5xx) == (3, 2, 1)
    assert (seen["e"].requests, seen["e"].elb_5xx) == (1, 1)
    assert 0 < seen["a"].response_time_min <= seen["a"].response_time_max <= seen["a"].response_time_sum < 1
    assert {row.load_balancer for row in seen.values()} == {"lb"}
    assert plane.traffic() == []


def test_one_process_serves_many_load_balancers(plane: ProxyDataPlane, four: list[HttpTarget]) -> None:
    places = [address() for _ in range(30)]
    listeners = tuple(
        ListenerConfig(f"lb{index}", place, 8080, (forward(**{f"g{index % 4}": 1}),))
        for index, place in enumerate(places)
    )
    plane.apply(DataPlaneConfig(listeners, tuple(group(f"g{index}", four[index]) for index in range(4))))
    assert [text(place) for place in places] == [f"t{index % 4}" for index in range(30)]


def test_a_listener_that_cannot_be_bound_is_reported_and_tried_again(
    plane: ProxyDataPlane, four: list[HttpTarget], where: str
) -> None:
    wanted = config(where, (forward(g=1),), group("g", four[0]))
    with socket.socket() as other:
        other.bind((where, 8080))
        other.listen()
        plane.apply(wanted)
        assert "in use" in plane.failures()[(where, 8080)]
    plane.apply(wanted)
    assert plane.failures() == {}
    assert text(where) == "t0"


def test_a_listener_that_is_taken_away_listens_no_more(
    plane: ProxyDataPlane, four: list[HttpTarget], where: str
) -> None:
    plane.apply(config(where, (forward(g=1),), group("g", four[0])))
    text(where)
    plane.apply(DataPlaneConfig())
    with pytest.raises(ConnectionRefusedError):
        get(where)


def test_two_groups_may_hold_one_target(plane: ProxyDataPlane, four: list[HttpTarget], where: str) -> None:
    groups: tuple[TargetGroupConfig, ...] = (group("a", four[0]), group("b", four[0]))
    plane.apply(config(where, (forward(a=1, b=1),), *groups))
    healthy(plane, four[0])
    assert text(where) == "t0"
    assert len(plane.health()) == 2


@given(st.lists(st.integers(0, 999), min_size=1, max_size=6))
def test_any_weights_are_dealt_exactly_within_one_round(weights: list[int]) -> None:
    rule = CompiledRule(Rule(None, forward=tuple((str(index), weight) for index, weight in enumerate(weights))))
    dealt = Counter(rule.next_group() for _ in range(sum(weights)))
    assert all(dealt[str(index)] == weight for index, weight in enumerate(weights))
