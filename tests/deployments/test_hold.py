"""The group that is left scales by itself until its traffic moves, stands by held, and scales again once it serves."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import pytest

from apps.cloud.aws import autoscaling
from apps.cloud.errors import Invalid
from apps.deployments import guard, services
from apps.deployments.drivers import attachment
from apps.deployments.models import Deployment
from apps.deployments.steps import hold
from apps.deployments.strategies.parts import SHRINKING
from apps.events.models import Event
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
from tests.deployments.test_push import request
from tests.world import Service

__all__ = ["cloud", "service"]

OLD, NEW = "api-prod-v000", "api-prod-v001"
HELD = sorted(SHRINKING)


def suspended(service: Service) -> list[str]:
    return sorted(process["ProcessName"] for process in service.groups()[OLD]["SuspendedProcesses"])


def begin(service: Service, **options: Any) -> Deployment:
    pushed = services.push(request(service, "1.1.0", options=options), actor="ann")
    until_waiting(pushed, service)
    return pushed


def test_the_old_group_scales_by_itself_while_the_guard_holds_its_traffic(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed = begin(service)
    with monkeypatch.context() as patched:
        patched.setattr(guard, "hold_back", lambda *args: "Not yet.")
        look_until(pushed, lambda: pushed.run.says == "Not yet.", "to be held back")
        assert suspended(service) == []
    assert carry_on(pushed).state == "succeeded", pushed.run.failure
    assert suspended(service) == HELD


def test_nothing_can_shrink_the_old_group_from_the_moment_when_its_traffic_is_taken(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []
    real = autoscaling.detach

    def detach(*args: Any) -> None:
        seen.append(suspended(service))
        real(*args)

    monkeypatch.setattr(autoscaling, "detach", detach)
    assert carry_on(begin(service)).state == "succeeded"
    assert seen == [HELD]


def test_an_undo_lets_the_old_group_scale_as_soon_as_it_serves_but_not_shrink_before_the_new_one_is_gone(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    resize(service, OLD, MinSize=1, DesiredCapacity=3, MaxSize=8)
    pushed = begin(service, soak_seconds=3600)
    until_step(pushed, "soak")
    then: list[tuple[list[str], list[str], int]] = []
    real = autoscaling.detach

    def detach(*args: Any) -> None:
        then.append((attached(service), suspended(service), service.groups()[OLD]["MinSize"]))
        real(*args)

    monkeypatch.setattr(autoscaling, "detach", detach)
    services.cancel(pushed.pk, actor="bob")
    assert carry_on(pushed).state == "undone", pushed.run.failure
    assert then == [([OLD, NEW], [], 3)]
    assert service.groups()[OLD]["MinSize"] == 1


def test_a_group_that_was_held_and_whose_traffic_then_could_not_be_taken_scales_again_by_the_undo(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*args: Any) -> None:
        raise Invalid("No.", operation="DetachLoadBalancerTargetGroups")

    pushed = begin(service)
    with monkeypatch.context() as patched:
        patched.setattr(autoscaling, "detach", refused)
        look_until(pushed, lambda: suspended(service) == HELD, "to be held")
        services.cancel(pushed.pk, actor="bob")
    assert carry_on(pushed).state == "undone", pushed.run.failure
    assert suspended(service) == []
    assert attached(service) == [OLD]


def test_a_group_whose_traffic_somebody_else_took_is_held_all_the_same(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed = begin(service)
    with monkeypatch.context() as patched:
        patched.setattr(guard, "hold_back", lambda *args: "Not yet.")
        look_until(pushed, lambda: pushed.run.says == "Not yet.", "to be held back")
    service.place.client("autoscaling").detach_load_balancer_target_groups(
        AutoScalingGroupName=OLD, TargetGroupARNs=[service.target_group]
    )
    assert carry_on(pushed).state == "succeeded", pushed.run.failure
    assert suspended(service) == HELD


def test_what_a_step_did_is_told_though_it_is_stopped_in_its_midst(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed = begin(service)
    with monkeypatch.context() as patched:
        patched.setattr(attachment, "drained", lambda *args: (0, 2))
        look_until(pushed, lambda: attached(service) == [NEW], "to drain")
        services.decide(pushed.pk, "stop", actor="bob", reason="stay so")
        carry_on(pushed)
    event = Event.objects.get(kind="group.processes_suspended")
    assert (event.subject, event.actor, event.reason) == (OLD, "bob", "stay so")


def test_a_rollback_that_is_undone_holds_again_what_it_let_go_though_aws_shows_it_late(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed = begin(service)
    carry_on(pushed)
    back = services.rollback(pushed.pk, actor="bob")
    monkeypatch.setattr(sys.modules["apps.workflows.services.advance"], "BUDGET", 0.0)  # one step a look
    until_step(back, "give-traffic")
    assert suspended(service) == []
    services.cancel(back.pk, actor="bob")
    real = hold.find

    def late(*args: Any) -> Any:
        found = real(*args)
        return {name: replace(group, suspended=dict.fromkeys(SHRINKING, "User")) for name, group in found.items()}

    monkeypatch.setattr(hold, "find", late)
    assert carry_on(back).state == "undone", back.run.failure
    assert suspended(service) == HELD


def test_the_undo_of_a_rollback_raises_nobody_though_aws_shows_late_where_a_group_is_held(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed = begin(service)
    carry_on(pushed)
    before = sizes(service, NEW)
    back = services.rollback(pushed.pk, actor="bob")
    monkeypatch.setattr(sys.modules["apps.workflows.services.advance"], "BUDGET", 0.0)  # one step a look
    until_step(back, "restore-size")
    services.cancel(back.pk, actor="bob")
    real = attachment.find

    def late(*args: Any) -> Any:
        found = real(*args)
        return {**found, NEW: replace(found[NEW], min_size=before[0])} if NEW in found else found

    monkeypatch.setattr(attachment, "find", late)
    assert carry_on(back).state == "undone", back.run.failure
    assert sizes(service, NEW) == before
