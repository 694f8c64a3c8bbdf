"""Clean-ups delete kept groups whose time is over, and only those; one that cannot does no harm."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.cloud.aws import autoscaling
from apps.cloud.errors import Denied
from apps.deployments import gather, services
from apps.deployments.errors import Invalid
from apps.deployments.models import Deployment, KeptGroup
from apps.deployments.progress import progress
from apps.deployments.selectors import detail, rollback_offer
from apps.deployments.steps import keep_or_delete
from apps.workflows.models import Borrowed, Lock
from apps.workflows.plans import Wait
from tests.deployments.lite import attached, carry_on, cloud, service, until_step
from tests.deployments.test_push import request
from tests.world import Service

__all__ = ["cloud", "service"]

OLD, NEW = "api-prod-v000", "api-prod-v001"


def overdue(service: Service) -> Deployment:
    """A push whose old group was kept for some hours, which are over."""
    pushed = services.push(request(service, "1.1.0", options={"old_group": "hours", "keep_hours": 2}), actor="ann")
    assert carry_on(pushed).state == "succeeded", pushed.run.failure
    assert services.start_due_clean_ups() == 0
    over()
    return pushed


def over() -> None:
    KeptGroup.objects.update(until=timezone.now() - timedelta(seconds=1))


def clean_up() -> Deployment:
    assert services.start_due_clean_ups() == 1
    made = Deployment.objects.filter(kind="clean-up").first()
    assert made
    carry_on(made)
    return detail(made.pk)


def refused(*_: Any, **__: Any) -> None:
    raise Denied("DeleteAutoScalingGroup: not authorized")


def test_a_group_whose_time_is_over_is_deleted_and_nothing_is_owed_any_more(service: Service) -> None:
    pushed = overdue(service)
    done = clean_up()
    assert done.run.state == "succeeded", done.run.failure
    assert list(service.groups()) == [NEW]
    assert not Borrowed.objects.filter(repaid_at__isnull=True).exists()
    assert progress(done).sentence.startswith(f"{OLD} was deleted")
    assert "is gone by now" in rollback_offer(pushed.cluster).why_not


def test_a_clean_up_that_aws_refuses_fails_and_is_tried_again_after_ever_longer_pauses(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed = overdue(service)
    with monkeypatch.context() as patched:
        patched.setattr(autoscaling, "delete_group", refused)
        for hours in (1, 2, 4):
            done = clean_up()
            assert done.run.state == "failed"
            assert "not authorized" in progress(done).sentence
            until = KeptGroup.objects.get().until
            assert until
            assert abs(until - timezone.now() - timedelta(hours=hours)) < timedelta(minutes=1)
            assert services.start_due_clean_ups() == 0
            over()
    assert not Lock.objects.exists()
    back = services.rollback(pushed.pk, actor="bob")
    assert carry_on(back).state == "succeeded", back.run.failure


def test_a_group_that_somebody_attached_again_is_left_alone_and_scales_by_itself_again(service: Service) -> None:
    overdue(service)
    service.place.client("autoscaling").attach_load_balancer_target_groups(
        AutoScalingGroupName=OLD, TargetGroupARNs=[service.target_group]
    )
    done = clean_up()
    assert done.run.state == "succeeded"
    assert attached(service) == [OLD, NEW]
    assert service.groups()[OLD]["SuspendedProcesses"] == []
    assert not Borrowed.objects.filter(repaid_at__isnull=True).exists()
    assert not KeptGroup.objects.filter(ended_at__isnull=True).exists()
    assert "left alone" in progress(done).sentence


def test_a_clean_up_of_a_busy_cluster_waits_without_asking_aws(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    overdue(service)
    running = services.push(request(service, "1.2.0", options={"soak_seconds": 3600}), actor="ann")
    until_step(running, "soak")
    monkeypatch.setattr(gather, "situation", lambda *_, **__: pytest.fail("AWS was asked"))
    assert services.start_due_clean_ups() == 0


def test_a_push_leaves_an_older_group_that_aws_will_not_delete_to_clean_ups(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert carry_on(services.push(request(service, "1.1.0"), actor="ann")).state == "succeeded"
    with monkeypatch.context() as patched:
        patched.setattr(autoscaling, "delete_group", refused)
        second = services.push(request(service, "1.2.0"), actor="ann")
        assert carry_on(second).state == "succeeded", second.run.failure
    assert "tried again in an hour" in second.run.steps.get(kind="delete-older-group").says
    older = KeptGroup.objects.get(name=OLD)
    assert older.ended_at is None
    assert older.until
    assert rollback_offer(second.cluster).group == NEW
    over()
    KeptGroup.objects.filter(name=NEW).update(until=None)
    clean_up()
    assert sorted(service.groups()) == [NEW, second.to_group]


def test_a_push_does_not_wait_for_ever_for_the_deletion_of_an_older_group(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert carry_on(services.push(request(service, "1.1.0"), actor="ann")).state == "succeeded"
    second = services.push(request(service, "1.2.0"), actor="ann")
    with pytest.raises(Invalid) as refused:
        services.rollback(second.pk, actor="bob", reason="x", overrides=("freeze",))
    assert list(refused.value.errors) == ["overrides"]
    monkeypatch.setattr(keep_or_delete, "PATIENCE", 0.0)
    monkeypatch.setattr(keep_or_delete, "leave_rules", lambda *_: Wait(0.1, "It is in a rule."))
    assert carry_on(second).state == "succeeded", second.run.failure
    assert "tried again in an hour: It is in a rule." in second.run.steps.get(kind="delete-older-group").says
    assert KeptGroup.objects.get(name=OLD).until


def test_a_push_can_be_rolled_back_while_an_older_group_is_being_deleted(service: Service) -> None:
    carry_on(services.push(request(service, "1.1.0"), actor="ann"))
    second = services.push(request(service, "1.2.0"), actor="ann")
    until_step(second, "delete-older-group")
    services.rollback(second.pk, actor="bob")
    assert carry_on(second).state == "undone", second.run.failure
    assert attached(service) == [NEW]
    assert not KeptGroup.objects.filter(ended_at__isnull=True).exists()
    assert not Borrowed.objects.filter(repaid_at__isnull=True).exists()
