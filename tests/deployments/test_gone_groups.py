"""Groups that somebody else deletes while a deployment, or a rollback to come, counts on them."""

from __future__ import annotations

import pytest

from apps.deployments import gather, place, services
from apps.deployments.errors import Refused
from apps.deployments.models import Deployment, KeptGroup
from apps.deployments.selectors import rollback_offer
from apps.workflows.models import Borrowed
from tests.deployments.lite import attached, carry_on, cloud, delete, look_until, service, until_step, until_waiting
from tests.deployments.test_push import request
from tests.world import Service

__all__ = ["cloud", "service"]

OLD, NEW = "api-prod-v000", "api-prod-v001"


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "APPEARS_WITHIN", 1.0)


def test_a_push_goes_on_without_the_old_group_and_keeps_nothing(service: Service) -> None:
    pushed = services.push(request(service, "1.1.0"), actor="ann")
    until_waiting(pushed, service)
    delete(service, OLD)
    assert carry_on(pushed).state == "succeeded", pushed.run.failure
    assert attached(service) == [NEW]
    assert not KeptGroup.objects.exists()
    assert not Borrowed.objects.filter(repaid_at__isnull=True).exists()


def test_traffic_is_given_back_when_the_new_group_goes_while_the_old_one_drains(service: Service) -> None:
    pushed = services.push(request(service, "1.1.0"), actor="ann")
    look_until(pushed, lambda: attached(service) == [NEW], "to detach the old group")
    delete(service, NEW)
    assert carry_on(pushed).state == "undone", pushed.run.failure
    assert f"{NEW}, which is to carry the traffic, was deleted" in pushed.run.failure
    assert attached(service) == [OLD]


def test_a_new_group_that_goes_during_the_soak_undoes_the_push(service: Service) -> None:
    pushed = services.push(request(service, "1.1.0", options={"soak_seconds": 3600}), actor="ann")
    until_step(pushed, "soak")
    delete(service, NEW)
    assert carry_on(pushed).state == "undone", pushed.run.failure
    assert pushed.run.failure == f"{NEW} was deleted by somebody else."
    assert attached(service) == [OLD]


def test_a_kept_group_that_is_gone_is_struck_off_when_a_rollback_is_asked_for_not_by_its_preview(
    service: Service,
) -> None:
    pushed = services.push(request(service, "1.1.0"), actor="ann")
    carry_on(pushed)
    delete(service, OLD)
    assert [finding.code for finding in services.preview_rollback(pushed.pk).refusals] == ["gone"]
    assert KeptGroup.objects.filter(ended_at__isnull=True).exists()
    with pytest.raises(Refused, match="no longer exists"):
        services.rollback(pushed.pk, actor="bob", reason="errors")
    strikes = Deployment.objects.get(kind="clean-up")
    assert (strikes.actor, strikes.reason) == ("bob", "errors")
    assert carry_on(strikes).state == "succeeded", strikes.run.failure
    assert "is gone by now" in rollback_offer(pushed.cluster).why_not
    assert not KeptGroup.objects.filter(ended_at__isnull=True).exists()
    assert not Borrowed.objects.filter(repaid_at__isnull=True).exists()


def test_a_kept_group_that_aws_shows_late_is_not_struck_off(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    pushed = services.push(request(service, "1.1.0"), actor="ann")
    carry_on(pushed)
    real = gather._groups
    with monkeypatch.context() as late:
        late.setattr(gather, "_groups", lambda *args: tuple(each for each in real(*args) if each.name != OLD))
        with pytest.raises(Refused, match="no longer exists"):
            services.rollback(pushed.pk, actor="bob")
    assert carry_on(Deployment.objects.get(kind="clean-up")).state == "succeeded"
    assert OLD in service.groups()
    assert rollback_offer(pushed.cluster).possible


def test_a_kept_group_that_is_gone_is_struck_off_by_the_next_push(service: Service) -> None:
    carry_on(services.push(request(service, "1.1.0"), actor="ann"))
    delete(service, OLD)
    second = services.push(request(service, "1.2.0"), actor="ann")
    assert carry_on(second).state == "succeeded", second.run.failure
    assert [kept.name for kept in KeptGroup.objects.filter(ended_at__isnull=True)] == [NEW]
    owed = Borrowed.objects.filter(repaid_at__isnull=True)
    assert {item.resource.split("/")[-1] for item in owed} == {NEW}
