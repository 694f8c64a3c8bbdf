"""A group that stands by is given traffic beside the one that serves, and has it taken away again."""

from __future__ import annotations

from typing import Any

import pytest

from apps.deployments import services
from apps.deployments.errors import Refused
from apps.deployments.models import Deployment, KeptGroup
from apps.deployments.selectors import rollback_offer
from apps.inventory.models import Cluster
from apps.workflows.models import Borrowed
from tests.deployments.lite import attached, carry_on, cloud, look_until, resize, service, sizes
from tests.deployments.test_push import request
from tests.deployments.weighting import NEW, OLD, weighted, weights
from tests.world import Service, wait_for

__all__ = ["cloud", "service", "weighted"]


def asked(service: Service, operation: str, group: str, **options: Any) -> Any:
    from apps.deployments.requests import ChangeRequest

    return ChangeRequest("prod", service.place.region, group, operation, options, "asked")


def change(service: Service, operation: str, group: str, **options: Any) -> Deployment:
    return services.change(asked(service, operation, group, **options), actor="ann")


def done(deployment: Deployment) -> Deployment:
    assert carry_on(deployment).state == "succeeded", deployment.run.failure
    return deployment


def codes(service: Service, operation: str, group: str) -> set[str]:
    return {each.code for each in services.preview_change(asked(service, operation, group)).refusals}


def pushed(service: Service) -> Deployment:
    return done(services.push(request(service, "1.1.0"), actor="ann"))


def kept() -> list[str]:
    return sorted(KeptGroup.objects.filter(ended_at=None).values_list("name", flat=True))


def test_both_groups_serve_then_either_alone(service: Service) -> None:
    assert codes(service, "disable-traffic", OLD) == {"serves-alone"}
    assert codes(service, "enable-traffic", OLD) == {"nothing-to-change"}
    pushed(service)
    assert codes(service, "disable-traffic", OLD) == {"nothing-to-change"}
    done(change(service, "enable-traffic", OLD))
    assert (attached(service), kept()) == ([OLD, NEW], [])
    assert service.target_states().count("healthy") == 4
    with pytest.raises(Refused) as refused:
        services.push(request(service, "1.0.0"), actor="ann")
    assert "several-serve" in {each.code for each in refused.value.findings}
    assert "serves again" in rollback_offer(Cluster.objects.get()).why_not
    done(change(service, "disable-traffic", NEW))
    assert (attached(service), kept()) == ([OLD], [NEW])
    assert service.groups()[OLD]["SuspendedProcesses"] == []
    done(change(service, "enable-traffic", NEW))
    done(change(service, "disable-traffic", OLD))
    assert (attached(service), kept()) == ([NEW], [OLD])
    assert not Borrowed.objects.filter(repaid_at=None, keep=False).exists()


def test_the_group_that_stays_is_brought_to_the_load_of_both(service: Service) -> None:
    pushed(service)
    done(change(service, "enable-traffic", OLD))
    for name in (OLD, NEW):  # each scaled in to its part of the load
        resize(service, name, MinSize=1, DesiredCapacity=1)
    wait_for(lambda: service.target_states().count("healthy") == 2, "both to have shrunk")
    done(change(service, "disable-traffic", OLD))
    assert sizes(service, NEW)[1] == 2
    assert service.target_states().count("healthy") == 2


def test_a_share_of_the_traffic_is_given_by_weights_and_taken_again(weighted: Service) -> None:
    pushed(weighted)
    done(change(weighted, "enable-traffic", OLD, percent=25.0))
    shared = weights(weighted)
    assert sum(shared.values()) == 4 * min(shared.values())
    assert not Borrowed.objects.filter(repaid_at=None, kind="weights").exists()
    done(change(weighted, "disable-traffic", OLD))
    assert sorted(weight > 0 for weight in weights(weighted).values()) == [False, True]
    assert kept() == [OLD]
    back = services.preview_rollback(Deployment.objects.filter(kind="push").get().pk)
    assert back.refusals == ()


def test_a_share_that_was_being_taken_goes_back_as_it_was(weighted: Service) -> None:
    pushed(weighted)
    done(change(weighted, "enable-traffic", OLD))
    before = weights(weighted)
    taking = change(weighted, "disable-traffic", OLD)
    look_until(taking, lambda: weights(weighted) != before, "the weights to move")
    services.cancel(taking.pk, actor="bob", reason="no")
    assert carry_on(taking).state == "undone", taking.run.failure
    assert weights(weighted) == before
    assert not Borrowed.objects.filter(repaid_at=None, kind="weights").exists()


def test_what_the_serving_group_no_longer_has_is_not_taken_a_part_of(service: Service) -> None:
    pushed(service)
    ec2 = service.place.client("elbv2")
    other = ec2.create_target_group(
        Name="other", Protocol="HTTP", Port=8080, VpcId=ec2.describe_target_groups()["TargetGroups"][0]["VpcId"]
    )["TargetGroups"][0]["TargetGroupArn"]
    scaling = service.place.client("autoscaling")
    balancer = ec2.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"]
    listener = ec2.describe_listeners(LoadBalancerArn=balancer)["Listeners"][0]["ListenerArn"]
    ec2.modify_listener(ListenerArn=listener, DefaultActions=[{"Type": "forward", "TargetGroupArn": other}])
    scaling.attach_load_balancer_target_groups(AutoScalingGroupName=NEW, TargetGroupARNs=[other])
    scaling.detach_load_balancer_target_groups(AutoScalingGroupName=NEW, TargetGroupARNs=[service.target_group])
    found = ec2.describe_target_health
    wait_for(
        lambda: (
            {each["TargetHealth"]["State"] for each in found(TargetGroupArn=other)["TargetHealthDescriptions"]}
            == {"healthy"}
        ),
        "the other target group to be healthy",
    )
    assert codes(service, "enable-traffic", OLD) == {"sources-changed"}
