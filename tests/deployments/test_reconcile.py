"""What a stopped deployment left changed: given back, kept for a rollback, or left as somebody else made it."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.cloud.values import GroupState
from apps.deployments import place, services
from apps.deployments.drivers import weighted_target_groups
from apps.deployments.errors import Busy, Refused
from apps.deployments.models import Deployment, KeptGroup
from apps.deployments.selectors import borrowed_of, rollback_offer
from apps.events.models import Event
from apps.workflows.models import Borrowed, Lock, Run, Step
from apps.workflows.plans import Wait
from apps.workflows.services import advance
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
from tests.deployments.weighting import weighted
from tests.world import Service, wait_for

__all__ = ["cloud", "service", "weighted"]

OLD, NEW = "api-prod-v000", "api-prod-v001"


@pytest.fixture(autouse=True)
def one_look_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that each step can be met."""
    monkeypatch.setattr(sys.modules["apps.workflows.services.advance"], "BUDGET", 0.0)


def break_lock(pushed: Deployment) -> None:
    services.take_over(pushed.cluster, actor="cem", reason="it hangs", force=True)
    pushed.run.refresh_from_db()


def repaired() -> Run:
    """The repair, carried to its end."""
    assert services.reconcile() == 1
    run = Run.objects.filter(kind="repair").latest("pk")

    def over() -> bool:
        advance(run.pk)
        run.refresh_from_db()
        return run.ended

    wait_for(over, "the repair to end")
    return run


def test_a_raised_min_goes_back_though_its_push_was_stopped(service: Service) -> None:
    pushed = services.push(request(service, "1.1.0"), actor="ann")
    until_waiting(pushed, service)
    (owed,) = borrowed_of(pushed.cluster, NEW)
    assert owed.sentence.startswith(f"min raised 1 → 3 by push {pushed.pk}, back by ")
    assert owed.sentence.endswith(" UTC at the latest"), "no earlier push tells how long it takes"
    break_lock(pushed)
    assert sizes(service, NEW)[0] == 3
    assert repaired().state == "succeeded"
    assert sizes(service, NEW)[0] == 1
    event = Event.objects.filter(kind="group.resized", subject=NEW).latest("pk")
    assert (event.actor, event.cluster) == ("deployconsole", "api-prod")
    assert not Borrowed.objects.filter(repaid_at__isnull=True).exists()
    assert not Lock.objects.exists()


def test_what_somebody_else_changed_meanwhile_is_left_and_told(service: Service) -> None:
    pushed = services.push(request(service, "1.1.0"), actor="ann")
    until_waiting(pushed, service)
    resize(service, NEW, MinSize=2)
    break_lock(pushed)
    repaired()
    assert sizes(service, NEW)[0] == 2
    event = Event.objects.filter(kind="group.resized", subject=NEW).latest("pk")
    assert "min is 2 and not the 3 that was set here; it is left so" in event.summary


def test_a_scheduled_action_that_lowered_min_during_the_push_has_the_last_word(service: Service) -> None:
    pushed = services.push(request(service, "1.1.0"), actor="ann")
    until_waiting(pushed, service)
    resize(service, NEW, MinSize=2)
    assert carry_on(pushed).state == "succeeded"
    assert sizes(service, NEW)[0] == 2


def test_a_group_taken_out_of_traffic_by_a_push_that_was_stopped_stands_by_for_a_rollback(service: Service) -> None:
    pushed = services.push(request(service, "1.1.0", options={"soak_seconds": 3600}), actor="ann")
    until_step(pushed, "soak")
    services.decide(pushed.pk, "stop", actor="bob", reason="look first")
    assert carry_on(pushed).state == "cancelled"
    assert services.reconcile() == 0
    assert KeptGroup.objects.get(ended_at__isnull=True).name == OLD
    assert {owed.kept for owed in borrowed_of(pushed.cluster, OLD)} == {f"{OLD} stands by for a rollback"}
    assert rollback_offer(pushed.cluster).possible
    back = services.rollback(pushed.pk, actor="bob")
    assert carry_on(back).state == "succeeded"
    assert attached(service) == [OLD]


def stopped_with_its_old_group_standing_by(pushed: Deployment) -> None:
    services.decide(pushed.pk, "stop", actor="bob", reason="look first")
    assert carry_on(pushed).state == "cancelled"
    assert Step.objects.get(run=pushed.run_id, kind="take-traffic").state == "running"
    assert services.reconcile() == 0
    assert KeptGroup.objects.get(ended_at__isnull=True).name == OLD
    assert {owed.kept for owed in borrowed_of(pushed.cluster, OLD)} == {f"{OLD} stands by for a rollback"}
    assert rollback_offer(pushed.cluster).possible
    assert not services.preview_rollback(pushed.pk).refusals


def test_a_group_that_still_drained_when_its_push_was_stopped_stands_by_too(service: Service) -> None:
    pushed = services.push(request(service, "1.1.0"), actor="ann")
    look_until(pushed, lambda: attached(service) == [NEW], "to detach the old group")
    stopped_with_its_old_group_standing_by(pushed)
    assert carry_on(services.rollback(pushed.pk, actor="bob")).state == "succeeded"
    assert attached(service) == [OLD]


def test_a_group_at_weight_0_that_still_drained_when_its_push_was_stopped_stands_by_too(weighted: Service) -> None:
    weighted.place.client("elbv2").modify_target_group_attributes(
        TargetGroupArn=weighted.target_group,
        Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "3600"}],
    )
    pushed = services.push(request(weighted, "1.1.0"), actor="ann")
    draining = Step.objects.filter(run=pushed.run_id, kind="take-traffic", memory__has_key="at_zero")
    look_until(pushed, draining.exists, "to drain the old group")
    stopped_with_its_old_group_standing_by(pushed)


def test_a_group_that_keeps_its_traffic_when_its_push_is_stopped_is_not_one_to_return_to(service: Service) -> None:
    pushed = services.push(request(service, "1.1.0"), actor="ann")
    until_step(pushed, "take-traffic")
    services.decide(pushed.pk, "stop", actor="bob", reason="look first")
    assert carry_on(pushed).state == "cancelled"
    services.reconcile()
    assert OLD in attached(service)
    assert not KeptGroup.objects.exists()


def test_a_push_waits_its_turn_and_is_planned_from_what_is_so_then(service: Service) -> None:
    first = services.push(request(service, "1.1.0"), actor="ann")
    ahead = services.preview_push(request(service, "1.0.0", queue=True))
    assert not ahead.refusals
    assert f"by ann (push {first.pk}). This waits" in next(each for each in ahead.findings if each.code == "busy").text
    second = services.push(request(service, "1.0.0", queue=True), actor="bob")
    assert (second.run.state, second.run.planned, second.from_group) == ("queued", False, "")
    assert carry_on(first).state == "succeeded"
    assert carry_on(second).state == "succeeded"
    second.refresh_from_db()
    assert (second.from_group, second.to_group) == (NEW, "api-prod-v002")
    assert attached(service) == ["api-prod-v002"]


def test_a_push_whose_turn_comes_when_nothing_can_be_pushed_ends_unbegun(service: Service) -> None:
    first = services.push(request(service, "1.1.0"), actor="ann")
    second = services.push(request(service, "1.0.0", queue=True), actor="bob")
    Deployment.objects.filter(pk=second.pk).update(to_image="ami-0123456789abcdef0")
    services.cancel(first.pk, actor="ann")
    second.refresh_from_db()
    assert carry_on(second).state == "cancelled"
    assert "ami-0123456789abcdef0" in second.run.failure
    assert not Lock.objects.exists()


def test_a_repair_does_not_take_a_group_for_gone_that_aws_shows_late(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed = services.push(request(service, "1.1.0"), actor="ann")
    until_waiting(pushed, service)
    break_lock(pushed)
    real, left = place.groups, [2]

    def late(*asked: Any) -> dict[str, GroupState]:
        left[0] -= 1
        return {} if left[0] >= 0 else real(*asked)

    monkeypatch.setattr(place, "groups", late)
    assert services.reconcile() == 1
    run = Run.objects.filter(kind="repair").latest("pk")

    def over() -> bool:
        Run.objects.filter(pk=run.pk, ended_at=None).update(due_at=run.created_at)
        advance(run.pk)
        run.refresh_from_db()
        return run.ended

    wait_for(over, "the repair to end")
    assert (run.state, sizes(service, NEW)[0]) == ("succeeded", 1)


def stopped_as_it_moves(service: Service, monkeypatch: pytest.MonkeyPatch) -> Deployment:
    """A push that was stopped when the old group was held, and its traffic not yet moved."""
    stopped = services.push(request(service, "1.1.0"), actor="ann")
    with monkeypatch.context() as patched:
        patched.setattr(weighted_target_groups, "_move", lambda *args: Wait(1.0, "It is about to move."))
        look_until(stopped, lambda: bool(service.groups()[OLD]["SuspendedProcesses"]), "to hold the old group")
    break_lock(stopped)
    return stopped


def test_a_push_asked_for_right_after_another_was_stopped_waits_for_what_that_one_left(
    weighted: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped_as_it_moves(weighted, monkeypatch)
    with pytest.raises(Busy, match="is being changed by deployconsole"):
        services.push(request(weighted, "1.2.0"), actor="bob")
    repair = Run.objects.get(kind="repair")
    now, later = (services.preview_push(request(weighted, "1.2.0", queue=queue)) for queue in (False, True))
    assert {each.code for each in now.refusals} == {"busy", "not-given-back"}
    assert now.may_wait
    assert not later.refusals
    assert {each.code for each in later.findings if each.level == "note"} >= {"busy", "not-given-back"}
    queued = services.push(request(weighted, "1.2.0", queue=True), actor="bob")
    while not repair.ended:
        advance(repair.pk)
        repair.refresh_from_db()
    assert repair.state == "succeeded"
    assert not queued.run.ended


def test_a_push_is_refused_while_its_serving_group_is_not_as_it_was_and_a_person_can_override(
    weighted: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = stopped_as_it_moves(weighted, monkeypatch)
    Borrowed.objects.filter(repaid_at__isnull=True).update(retry_at=timezone.now() + timedelta(hours=1), tries=1)
    with pytest.raises(Refused, match=f"{OLD}: .* by push {stopped.pk}. It was not given back in 1 tries") as refused:
        services.push(request(weighted, "1.2.0"), actor="bob")
    against = [each for each in refused.value.findings if each.level == "refuse"]
    assert {(each.code, each.overridable) for each in against} == {("not-given-back", True)}
    let = request(weighted, "1.2.0", overrides=("not-given-back",), reason="the new size is right")
    assert services.push(let, actor="bob").run.state == "queued"
