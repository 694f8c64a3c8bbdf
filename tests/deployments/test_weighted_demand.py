"""Load that changes while weights share it between two groups: neither is kept from scaling, and none is forgotten."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from apps.cloud.aws import autoscaling, elbv2_changes
from apps.deployments import guard, services
from apps.deployments.drivers import weighted_target_groups
from apps.deployments.models import Deployment
from apps.deployments.steps import size_group
from tests.deployments.lite import carry_on, cloud, look_until, resize, service, sizes
from tests.deployments.weighting import NEW, OLD, done, owed, push, rolling, weighted, weights
from tests.world import Service

__all__ = ["cloud", "service", "weighted"]


@pytest.fixture
def sharing(weighted: Service) -> Deployment:
    """A rolling push that asks what to do, the new group having 10 % of a load of 3 instances."""
    resize(weighted, OLD, MinSize=1, DesiredCapacity=3, MaxSize=10)
    pushed = rolling(weighted, percentages="10, 50", between="ask", margin_percent=0)
    asks(pushed, weighted, {"api-prod-tg": 9, NEW: 1})
    return pushed


def asks(pushed: Deployment, service: Service, shares: dict[str, int]) -> None:
    look_until(pushed, lambda: pushed.run.state == "needs_person" and weights(service) == shares, "to ask")


def go_on(pushed: Deployment) -> None:
    services.decide(pushed.pk, "forward", actor="ann", reason="looks good")


def test_the_old_group_scales_on_while_it_has_a_share_and_does_not_shrink(
    weighted: Service, sharing: Deployment
) -> None:
    assert weighted.groups()[OLD]["SuspendedProcesses"] == []
    assert sizes(weighted, OLD) == (3, 3, 10)
    go_on(sharing)
    asks(sharing, weighted, {"api-prod-tg": 5, NEW: 5})
    assert weighted.groups()[OLD]["SuspendedProcesses"] == []
    go_on(sharing)
    done(sharing)
    assert sizes(weighted, OLD) == (1, 3, 10)
    assert sizes(weighted, NEW) == (1, 3, 10)
    assert owed() == [("processes", OLD), ("weights", OLD)]


def test_what_either_group_grew_to_for_its_part_tells_the_whole_load(weighted: Service, sharing: Deployment) -> None:
    resize(weighted, OLD, DesiredCapacity=6)  # for 90 %: all of it needs 7
    go_on(sharing)
    asks(sharing, weighted, {"api-prod-tg": 5, NEW: 5})
    assert sizes(weighted, NEW)[1] == 4
    assert sizes(weighted, OLD) == (6, 6, 10)
    resize(weighted, NEW, DesiredCapacity=5)  # for 50 %
    go_on(sharing)
    done(sharing)
    assert sizes(weighted, NEW) == (1, 10, 10)
    assert sizes(weighted, OLD) == (1, 6, 10)


def test_a_load_that_grew_is_the_old_group_s_again_when_the_push_is_undone(
    weighted: Service, sharing: Deployment
) -> None:
    go_on(sharing)
    asks(sharing, weighted, {"api-prod-tg": 5, NEW: 5})
    resize(weighted, NEW, DesiredCapacity=4)
    services.cancel(sharing.pk, actor="bob")
    assert carry_on(sharing).state == "undone", sharing.run.failure
    assert sizes(weighted, OLD) == (1, 8, 10)
    assert owed() == []


def test_a_rollback_follows_the_load_until_the_traffic_has_moved(
    weighted: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed = done(push(weighted))
    back = services.rollback(pushed.pk, actor="bob")
    real = autoscaling.resume

    def growing(*args: Any) -> None:
        """The group that leaves grows after the other one was brought to its load."""
        real(*args)
        monkeypatch.setattr(autoscaling, "resume", real)
        assert weighted.groups()[NEW]["SuspendedProcesses"] == []
        resize(weighted, NEW, DesiredCapacity=4)

    monkeypatch.setattr(autoscaling, "resume", growing)
    done(back)
    assert sizes(weighted, OLD) == (1, 4, 4)


def test_the_old_group_that_grows_while_the_last_move_waits_is_followed_before_it_moves(
    weighted: Service, sharing: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on(sharing)
    asks(sharing, weighted, {"api-prod-tg": 5, NEW: 5})
    with monkeypatch.context() as patched:
        patched.setattr(guard, "hold_back", lambda *args: "Not yet.")
        go_on(sharing)
        look_until(sharing, lambda: sharing.run.says == "Not yet.", "to be held back")
    resize(weighted, OLD, DesiredCapacity=4)  # for 50 %: all of it needs 8
    then: list[tuple[int, int, int]] = []
    real = elbv2_changes.set_weights
    monkeypatch.setattr(elbv2_changes, "set_weights", lambda *args: (then.append(sizes(weighted, NEW)), real(*args)))
    done(sharing)
    assert then == [(8, 8, 10)]
    assert sizes(weighted, NEW) == (1, 8, 10)


def test_the_group_that_leaves_by_a_rollback_is_held_before_it_drains(
    weighted: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed = done(push(weighted))
    held: list[int] = []
    real = weighted_target_groups._drained

    def drained(context: Any, place: Any, name: str, *more: Any) -> Any:
        held.append(len(weighted.groups()[name]["SuspendedProcesses"]))
        return real(context, place, name, *more)

    monkeypatch.setattr(weighted_target_groups, "_drained", drained)
    done(services.rollback(pushed.pk, actor="bob"))
    assert set(held) == {3}


def test_a_min_that_was_held_and_given_back_is_not_taken_for_the_group_s_own_where_aws_shows_it_late(
    weighted: Service, sharing: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on(sharing)
    asks(sharing, weighted, {"api-prod-tg": 5, NEW: 5})
    real = size_group.find

    def late(context: Any, place: Any, *names: str) -> Any:
        """As it was when the old group's min was held."""
        found = real(context, place, *names)
        return {**found, OLD: replace(found[OLD], min_size=3)} if OLD in found else found

    monkeypatch.setattr(size_group, "find", late)
    go_on(sharing)
    done(sharing)
    assert sizes(weighted, NEW) == (1, 3, 10)
