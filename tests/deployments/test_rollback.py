"""Rollbacks of what the push left and of what became of it since."""

from __future__ import annotations

import pytest

from apps.deployments import services
from apps.deployments.errors import Finding, Refused
from apps.deployments.models import Deployment
from apps.deployments.selectors import rollback_offer
from apps.workflows.models import Run
from tests.deployments.lite import attached, carry_on, cloud, resize, service, sizes
from tests.deployments.test_push import request
from tests.world import Service

__all__ = ["cloud", "service"]

OLD, NEW = "api-prod-v000", "api-prod-v001"


def pushed(service: Service) -> Deployment:
    made = services.push(request(service, "1.1.0"), actor="ann")
    assert carry_on(made).state == "succeeded", made.run.failure
    return made


def test_the_group_it_returns_to_does_not_shrink_below_what_it_had(service: Service) -> None:
    made = pushed(service)
    resize(service, NEW, MinSize=0, DesiredCapacity=0)  # the bad version was taken down in a hurry
    back = services.rollback(made.pk, actor="bob")
    assert carry_on(back).state == "succeeded", back.run.failure
    assert sizes(service, OLD) == (1, 2, 4)


def test_the_group_it_returns_to_comes_to_the_load_of_the_one_that_leaves(service: Service) -> None:
    made = pushed(service)
    resize(service, NEW, DesiredCapacity=4)
    back = services.rollback(made.pk, actor="bob")
    assert carry_on(back).state == "succeeded", back.run.failure
    assert sizes(service, OLD) == (1, 4, 4)


def test_to_roll_back_twice_does_not_undo_the_way_back(service: Service) -> None:
    made = pushed(service)
    back = services.rollback(made.pk, actor="bob")
    for refused in (services.preview_rollback(back.pk).refusals, _refused(back)):
        assert [finding.text for finding in refused] == [
            f"Rollback {back.pk} is under way already: watch it. To undo it, cancel rollback {back.pk}."
        ]
    assert carry_on(back).state == "succeeded", back.run.failure


def _refused(back: Deployment) -> tuple[Finding, ...]:
    with pytest.raises(Refused) as raised:
        services.rollback(back.pk, actor="cem")
    return raised.value.findings


def test_a_recorded_target_group_that_was_deleted_is_refused_before_anything_changes(service: Service) -> None:
    made = pushed(service)
    elbv2 = service.place.client("elbv2")
    service.place.client("autoscaling").detach_load_balancer_target_groups(
        AutoScalingGroupName=NEW, TargetGroupARNs=[service.target_group]
    )
    for listener in elbv2.describe_listeners(
        LoadBalancerArn=elbv2.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"]
    )["Listeners"]:
        elbv2.delete_listener(ListenerArn=listener["ListenerArn"])
    elbv2.delete_target_group(TargetGroupArn=service.target_group)
    refusals = services.preview_rollback(made.pk).refusals
    assert [finding.code for finding in refusals] == ["target-group-gone"]


def test_a_push_that_was_stopped_as_it_stood_can_be_rolled_back_while_its_old_group_stands_by(
    service: Service,
) -> None:
    made = pushed(service)
    Run.objects.filter(pk=made.run_id).update(state="cancelled")
    assert rollback_offer(made.cluster).possible
    back = services.rollback(made.pk, actor="bob")
    assert carry_on(back).state == "succeeded", back.run.failure
    assert attached(service) == [OLD]
