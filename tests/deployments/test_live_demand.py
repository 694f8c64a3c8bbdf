"""Groups whose own policies act while a push goes on: the size follows what Auto Scaling wants, never below it."""

from __future__ import annotations

from typing import Any

import pytest

from apps.deployments import guard, services
from apps.deployments.models import Deployment
from tests.deployments.lite import (
    attached,
    carry_on,
    cloud,
    look_until,
    resize,
    service,
    sizes,
    until_step,
    until_waiting,
)
from tests.deployments.rich import STEP
from tests.deployments.test_push import request
from tests.world import Service

__all__ = ["cloud", "service"]

OLD, NEW = "api-prod-v000", "api-prod-v001"


@pytest.fixture
def scaling(service: Service) -> Any:
    """The client; the group has a policy, so that its size tells what it needs."""
    client = service.place.client("autoscaling")
    client.put_scaling_policy(AutoScalingGroupName=OLD, PolicyName="out", **STEP)
    resize(service, OLD, MinSize=1, DesiredCapacity=3, MaxSize=8)
    return client


def begin(service: Service, **options: Any) -> Deployment:
    pushed = services.push(request(service, "1.1.0", options=options), actor="ann")
    until_waiting(pushed, service)
    return pushed


def test_a_group_that_shrank_because_the_new_one_shared_its_load_says_nothing_of_the_load(
    service: Service, scaling: Any
) -> None:
    pushed = begin(service)
    resize(service, OLD, DesiredCapacity=1)
    assert carry_on(pushed).state == "succeeded", pushed.run.failure
    assert sizes(service, NEW) == (1, 3, 8)


def test_what_the_new_group_grew_to_by_its_own_policies_stays(service: Service, scaling: Any) -> None:
    pushed = begin(service)
    scaling.execute_policy(AutoScalingGroupName=NEW, PolicyName="out", MetricValue=90.0, BreachThreshold=80.0)
    look_until(pushed, lambda: sizes(service, NEW)[1] == 5, "to have grown")
    assert carry_on(pushed).state == "succeeded", pushed.run.failure
    assert sizes(service, NEW) == (1, 5, 8)


def test_bounds_that_a_scheduled_action_changed_meanwhile_are_the_new_group_s_too(
    service: Service, scaling: Any
) -> None:
    pushed = begin(service)
    resize(service, OLD, MinSize=2, DesiredCapacity=3, MaxSize=6)
    assert carry_on(pushed).state == "succeeded", pushed.run.failure
    assert sizes(service, NEW) == (2, 3, 6)


def test_the_undo_of_a_push_whose_old_group_shrank_meanwhile_brings_that_back_first(
    service: Service, scaling: Any
) -> None:
    pushed = begin(service)
    look_until(pushed, lambda: service.target_states().count("healthy") >= 4, "to share the load")
    resize(service, OLD, DesiredCapacity=1)
    services.cancel(pushed.pk, actor="bob")
    fewest: list[int] = []

    def over() -> bool:
        fewest.append(service.target_states().count("healthy"))
        return pushed.run.ended

    look_until(pushed, over, "to end")
    assert pushed.run.state == "undone", pushed.run.failure
    assert min(fewest) >= 3
    assert attached(service) == [OLD]
    assert sizes(service, OLD) == (1, 3, 8)


def test_the_undo_after_the_traffic_moved_takes_over_what_the_new_group_grew_to(service: Service, scaling: Any) -> None:
    pushed = begin(service, soak_seconds=3600)
    until_step(pushed, "soak")
    resize(service, NEW, DesiredCapacity=6)
    services.cancel(pushed.pk, actor="bob")
    assert carry_on(pushed).state == "undone", pushed.run.failure
    assert sizes(service, OLD) == (1, 6, 8)


def grown_together(service: Service, monkeypatch: pytest.MonkeyPatch) -> Deployment:
    """A push whose groups both grow while they serve side by side: the old one from 3, the new one from 4."""
    pushed = begin(service)
    with monkeypatch.context() as patched:
        patched.setattr(guard, "hold_back", lambda *args: "Not yet.")
        look_until(pushed, lambda: pushed.run.says == "Not yet.", "to be held back")
    resize(service, OLD, DesiredCapacity=5)
    resize(service, NEW, DesiredCapacity=6)
    return pushed


def test_what_both_groups_grew_to_side_by_side_is_the_new_group_s_when_it_serves_alone(
    service: Service, scaling: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed = grown_together(service, monkeypatch)
    assert carry_on(pushed).state == "succeeded", pushed.run.failure
    assert sizes(service, NEW) == (1, 7, 8)


def test_an_undo_keeps_the_new_group_until_the_old_one_has_what_both_grew_to(
    service: Service, scaling: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed = grown_together(service, monkeypatch)
    services.cancel(pushed.pk, actor="bob")
    fewest: list[int] = []

    def over() -> bool:
        fewest.append(service.target_states().count("healthy"))
        return pushed.run.ended

    look_until(pushed, over, "to end")
    assert pushed.run.state == "undone", pushed.run.failure
    then = pushed.run.steps.get(kind="create-group").params["healthy_then"]  # of 3
    assert min(fewest[1:]) >= then + 4
    assert sizes(service, OLD) == (1, 7, 8)
