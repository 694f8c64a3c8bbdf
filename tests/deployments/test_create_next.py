"""The next group comes up beside the one that serves, without traffic, and is given some by hand."""

from __future__ import annotations

import pytest

from apps.deployments import services
from apps.deployments.errors import Invalid, Refused
from apps.deployments.models import Deployment
from apps.deployments.selectors import rollback_offer
from apps.events.models import Event
from apps.inventory.models import Cluster
from apps.workflows.models import Borrowed
from tests.deployments.lite import attached, carry_on, cloud, service, sizes, until_step
from tests.deployments.test_push import request
from tests.deployments.test_traffic_by_hand import asked, change, codes, done, kept
from tests.deployments.weighting import NEW, OLD, weighted, weights
from tests.world import Service, wait_for

__all__ = ["cloud", "service", "weighted"]


def created(service: Service, **options: object) -> Deployment:
    return done(change(service, "create-next", OLD, image=service.images["1.1.0"], **options))


def test_it_comes_up_without_traffic_and_stands_by_until_it_is_given_some(service: Service) -> None:
    preview = services.preview_change(asked(service, "create-next", OLD, image=service.images["1.1.0"]))
    assert preview.sentence == f"Create {NEW} with 1.1.0 beside {OLD}, 2 instances, no traffic"
    assert "unchecked" in {each.code for each in preview.findings}
    made = created(service)
    assert (attached(service), kept()) == ([OLD], [NEW])
    assert sizes(service, NEW) == sizes(service, OLD)
    assert {member["LifecycleState"] for member in service.groups()[NEW]["Instances"]} == {"InService"}
    assert service.target_states() == ["healthy", "healthy"]
    assert (made.from_group, made.to_group, made.to_version) == (OLD, NEW, "1.1.0")
    taken = Event.objects.get(kind="group.traffic_taken", subject=NEW)
    assert taken.before == {"taken_from": [service.target_group]}
    done(change(service, "enable-traffic", NEW))
    done(change(service, "disable-traffic", OLD))
    assert (attached(service), kept()) == ([NEW], [OLD])
    assert service.groups()[NEW]["SuspendedProcesses"] == []
    assert not Borrowed.objects.filter(repaid_at=None, keep=False).exists()


def test_by_weights_it_stands_at_weight_0_and_takes_any_share(weighted: Service) -> None:
    created(weighted)
    assert sorted(weight > 0 for weight in weights(weighted).values()) == [False, True]
    assert kept() == [NEW]
    done(change(weighted, "enable-traffic", NEW, percent=25.0))
    shared = weights(weighted)
    assert sum(shared.values()) == 4 * min(shared.values())
    done(change(weighted, "disable-traffic", NEW))
    assert (sorted(weight > 0 for weight in weights(weighted).values()), kept()) == ([False, True], [NEW])


def test_what_is_not_named_is_as_it_is_of_the_group_that_serves(service: Service) -> None:
    least, now, most = sizes(service, OLD)
    made = done(change(service, "create-next", OLD, size=now + 1))
    assert made.to_image == service.images["1.0.0"]
    assert (sizes(service, NEW), sizes(service, OLD)) == ((least, now + 1, most), (least, now, most))
    named = asked(service, "create-next", OLD, image=service.images["1.0.0"])
    assert "same-image" in {each.code for each in services.preview_change(named).findings}
    unnamed = asked(service, "create-next", OLD)
    assert "same-image" not in {each.code for each in services.preview_change(unnamed).findings}
    with pytest.raises(Invalid) as refused:
        services.preview_change(asked(service, "create-next", OLD, size=most + 1))
    assert f"{least} to {most}" in refused.value.errors["options.size"][0]


def test_stopped_as_it_stands_it_can_be_given_traffic_all_the_same(service: Service) -> None:
    making = change(service, "create-next", OLD, image=service.images["1.1.0"])
    until_step(making, "wait-sized")
    services.decide(making.pk, "stop", actor="bob", reason="enough")
    carry_on(making)
    services.reconcile()
    assert kept() == [NEW]
    done(change(service, "enable-traffic", NEW))
    assert attached(service) == [OLD, NEW]


def test_cancelled_it_is_gone_and_nothing_is_owed(service: Service) -> None:
    making = change(service, "create-next", OLD, image=service.images["1.1.0"])
    until_step(making, "withhold-traffic")
    service.place.client("autoscaling").suspend_processes(AutoScalingGroupName=NEW, ScalingProcesses=["Launch"])
    until_step(making, "wait-sized")
    services.cancel(making.pk, actor="bob", reason="no")
    assert carry_on(making).state == "undone", making.run.failure
    assert (list(service.groups()), attached(service), kept()) == ([OLD], [OLD], [])
    assert not Borrowed.objects.filter(repaid_at=None).exists()


def test_one_that_does_not_come_into_service_goes_again(service: Service) -> None:
    making = change(service, "create-next", OLD, image=service.images["1.1.0"], healthy_within_seconds=10)
    until_step(making, "withhold-traffic")
    service.place.client("autoscaling").suspend_processes(AutoScalingGroupName=NEW, ScalingProcesses=["Launch"])
    assert carry_on(making).state == "undone", making.run.failure
    assert (list(service.groups()), kept()) == ([OLD], [])


def test_the_next_push_deletes_it(service: Service) -> None:
    created(service)
    done(services.push(request(service, "1.1.0"), actor="ann"))
    wait_for(lambda: NEW not in service.groups(), "the group that stood by to be deleted")
    assert attached(service) == ["api-prod-v002"]


def test_what_speaks_against_it(service: Service) -> None:
    with pytest.raises(Invalid) as refused:
        services.preview_change(asked(service, "create-next", OLD, image="ami-0123456789abcdef0"))
    assert list(refused.value.errors) == ["options.image"]
    created(service)
    assert codes(service, "create-next", NEW) == {"not-serving"}
    with pytest.raises(Refused):
        change(service, "create-next", NEW)


def test_a_push_whose_group_has_left_by_hand_is_not_offered_to_be_rolled_back(service: Service) -> None:
    done(services.push(request(service, "1.1.0"), actor="ann"))
    third = "api-prod-v002"
    done(change(service, "create-next", NEW, image=service.images["1.2.0"]))
    assert rollback_offer(Cluster.objects.get()).why_not == ""
    done(change(service, "enable-traffic", third))
    done(change(service, "disable-traffic", NEW))
    assert attached(service) == [third]
    assert "was taken by hand since" in rollback_offer(Cluster.objects.get()).why_not
