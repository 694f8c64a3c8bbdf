"""Which groups serve, and what share of the traffic each takes."""

from datetime import UTC, datetime

import pytest

from apps.cloud.values import Forward, GroupState, MemberState, RuleState, TargetHealth
from apps.inventory.selectors.serving import serving_groups, traffic_of

BLUE, GREEN = "arn:blue", "arn:green"


def group(name, *ids):
    members = tuple(MemberState(id=each, zone="a", lifecycle_state="InService", health_status="Healthy",
                                protected=False) for each in ids)  # fmt: skip
    return GroupState(name, "", datetime(2026, 1, 1, tzinfo=UTC), 0, 9, len(ids), members=members)


def rule(*forwards, arn="rule", priority="default"):
    return RuleState(arn, "listener", priority, tuple(Forward(*each) for each in forwards))


def health(target_group, *ids, state="healthy"):
    return [TargetHealth(target_group, each, 80, state) for each in ids]


def test_a_group_with_a_healthy_target_behind_a_weighted_forward_serves():
    found = serving_groups([group("a", "i-1"), group("b", "i-2")], [rule((BLUE, 1))], health(BLUE, "i-1"))
    assert [each.group for each in found] == ["a"]


@pytest.mark.parametrize("state", ["initial", "unhealthy", "draining", "unused", "unavailable"])
def test_a_target_that_is_not_healthy_does_not_serve(state):
    assert serving_groups([group("a", "i-1")], [rule((BLUE, 1))], health(BLUE, "i-1", state=state)) == ()


def test_weight_zero_does_not_serve():
    assert serving_groups([group("a", "i-1")], [rule((BLUE, 0), (GREEN, 5))], health(BLUE, "i-1")) == ()


def test_a_target_group_in_no_rule_does_not_serve():
    assert serving_groups([group("a", "i-1")], [rule((GREEN, 1))], health(BLUE, "i-1")) == ()


def test_groups_that_share_a_target_group_share_its_requests_by_healthy_targets():
    groups = {"a": ["i-1", "i-2", "i-3"], "b": ["i-4"]}
    found = traffic_of(groups, [rule((BLUE, 1))], health(BLUE, "i-1", "i-2", "i-3", "i-4"))
    assert (found["a"].fraction, found["b"].fraction) == (0.75, 0.25)


def test_weights_divide_the_requests_between_target_groups():
    found = traffic_of(
        {"a": ["i-1"], "b": ["i-2", "i-3"]},
        [rule((BLUE, 90), (GREEN, 10))],
        health(BLUE, "i-1") + health(GREEN, "i-2", "i-3"),
    )
    assert found["a"].fraction == pytest.approx(0.9)
    assert found["b"].fraction == pytest.approx(0.1)
    assert all(each.serving for each in found.values())


def test_healthy_targets_outside_of_the_groups_take_their_share():
    found = traffic_of({"a": ["i-1"]}, [rule((BLUE, 1))], health(BLUE, "i-1", "i-by-hand"))
    assert found["a"].fraction == 0.5


def test_the_fraction_is_of_the_rule_that_sends_most():
    rules = [rule((BLUE, 1), arn="default"), rule((BLUE, 1), (GREEN, 3), arn="beta", priority="1")]
    found = traffic_of({"a": ["i-1"]}, rules, health(BLUE, "i-1") + health(GREEN, "i-2"))
    assert found["a"].fraction == 1.0
    assert [share.fraction for share in found["a"].shares] == [1.0, 0.25]


def test_a_group_without_targets_has_no_traffic():
    assert traffic_of({"a": []}, [rule((BLUE, 1))], [])["a"].fraction == 0.0


def test_an_instance_in_service_at_a_classic_load_balancer_serves():
    found = traffic_of(
        {"a": ["i-1"], "b": ["i-2"]}, [], health("api-elb", "i-1") + health("api-elb", "i-2", state="unhealthy")
    )
    assert [(name, each.serving, each.fraction) for name, each in found.items()] == [("a", True, 1.0), ("b", False, 0)]
