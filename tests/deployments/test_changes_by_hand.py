"""Operations on one group: under the lock and the rules of its cluster, previewed, undone, recorded."""

from __future__ import annotations

from typing import Any

import pytest

from apps.deployments import operations, services
from apps.deployments.errors import Busy, Invalid, Refused
from apps.deployments.models import Deployment
from apps.deployments.requests import ChangeRequest
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
from tests.world import Service, wait_for

__all__ = ["cloud", "service"]

OLD, NEW = "api-prod-v000", "api-prod-v001"


def asked(service: Service, operation: str, group: str = OLD, overrides: tuple[str, ...] = (), **options: Any) -> Any:
    place = service.place
    return ChangeRequest("prod", place.region, group, operation, options, "asked", overrides=overrides)


def change(service: Service, operation: str, **options: Any) -> Deployment:
    return services.change(asked(service, operation, **options), actor="ann")


def done(deployment: Deployment) -> Deployment:
    assert carry_on(deployment).state == "succeeded", deployment.run.failure
    return deployment


def raw(service: Service, group: str = OLD) -> dict[str, Any]:
    found: dict[str, Any] = service.groups()[group]
    return found


def instances(service: Service, group: str = OLD) -> list[str]:
    return sorted(member["InstanceId"] for member in raw(service, group)["Instances"])


def test_a_group_gets_another_size_and_its_new_instances_are_waited_for(service: Service) -> None:
    preview = services.preview_change(asked(service, "resize", desired=3))
    assert preview.sentence == f"Resize {OLD}: desired 2 → 3"
    assert [step.kind for step in preview.steps] == ["change-group", "wait-sized"]
    resized = change(service, "resize", desired=3)
    assert (resized.kind, resized.operation, resized.from_group) == ("change", "resize", OLD)
    done(resized)
    assert sizes(service, OLD) == (1, 3, 4)
    assert service.target_states() == ["healthy"] * 3
    event = Event.objects.get(kind="group.changed")
    assert (event.actor, event.reason, event.before, event.after) == (
        "ann",
        "asked",
        {"DesiredCapacity": 2},
        {"DesiredCapacity": 3},
    )


def test_what_would_not_be_in_order_names_the_option(service: Service) -> None:
    for options, field, words in (
        ({"desired": 9}, "options.desired", "at most max, 4, which stays 4 unless you change it too"),
        ({"min": 3}, "options.min", "at most desired, 2"),
        ({"desired": 3, "max": 2}, "options.desired", "at most max, 2."),
        ({"desired": -1}, "options.desired", "too small"),
        ({"wanted": 3}, "options.wanted", "There is no such option"),
    ):
        with pytest.raises(Invalid) as refused:
            services.preview_change(asked(service, "resize", **options))
        (told,) = refused.value.errors[field]
        assert words in told
    with pytest.raises(Invalid) as refused:
        services.preview_change(asked(service, "explode"))
    assert "known are create-next, delete-group, " in refused.value.errors["operation"][0]


@pytest.mark.parametrize(
    ("operation", "options", "code"),
    [
        ("resize", {"desired": 2}, "nothing-to-change"),
        ("resize", {"min": 0, "desired": 0}, "guard-last-serving"),
        ("settings", {}, "nothing-asked"),
        ("settings", {"health_check_type": "ELB"}, "nothing-to-change"),
        ("processes", {}, "nothing-asked"),
        ("delete-group", {}, "guard-last-serving"),
    ],
)
def test_what_speaks_against_it_is_told_and_refuses_it(
    operation: str, options: dict[str, Any], code: str, service: Service
) -> None:
    assert code in {finding.code for finding in services.preview_change(asked(service, operation, **options)).refusals}
    with pytest.raises(Refused):
        change(service, operation, **options)
    assert not Deployment.objects.exists()


def test_a_size_that_is_never_reached_goes_back_and_only_what_was_launched_goes(service: Service) -> None:
    ec2 = service.place.client("ec2")
    ec2.create_tags(Resources=[service.images["1.0.0"]], Tags=[{"Key": "fault", "Value": "never_healthy"}])
    before = instances(service)
    resized = change(service, "resize", min=2, desired=4, healthy_within_seconds=10)
    until_step(resized, "wait-sized")
    wait_for(lambda: len(instances(service)) == 4, "four instances to be launched")
    services.cancel(resized.pk, actor="bob", reason="sick")
    assert carry_on(resized).state == "undone", resized.run.failure
    assert sizes(service, OLD) == (1, 2, 4)
    wait_for(lambda: instances(service) == before, "the new instances to go")
    assert Event.objects.filter(kind="group.changed").count() == 2


def test_only_what_is_named_changes(service: Service) -> None:
    before = raw(service)
    done(change(service, "settings", health_check_grace_period=77, termination_policies="OldestInstance, Default"))
    after = raw(service)
    assert (after["HealthCheckGracePeriod"], after["TerminationPolicies"]) == (77, ["OldestInstance", "Default"])
    same = set(before) - {"HealthCheckGracePeriod", "TerminationPolicies"}
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    with pytest.raises(Invalid) as refused:
        change(service, "settings", termination_policies="Oldest")
    assert "AWS has no termination policy Oldest" in refused.value.errors["options.termination_policies"][0]


def test_processes_are_suspended_and_resumed(service: Service) -> None:
    def suspended() -> list[str]:
        return sorted(each["ProcessName"] for each in raw(service)["SuspendedProcesses"])

    done(change(service, "processes", AZRebalance="suspend", Launch="suspend"))
    assert suspended() == ["AZRebalance", "Launch"]
    done(change(service, "processes", AZRebalance="suspend", Launch="resume", ScheduledActions="suspend"))
    assert suspended() == ["AZRebalance", "ScheduledActions"]


def test_a_healthy_instance_goes_only_over_the_guard_and_another_takes_its_place(service: Service) -> None:
    first, second = instances(service)
    with pytest.raises(Refused) as refused:
        change(service, "terminate-instance", instance=first)
    assert {finding.code for finding in refused.value.findings} == {"guard-min-healthy", "replace"}
    ended = change(service, "terminate-instance", instance=first, overrides=("guard-min-healthy",))
    done(ended)
    assert first not in instances(service)
    assert second in instances(service)
    assert service.target_states().count("healthy") == 2
    assert "another takes its place" in Event.objects.get(kind="group.instance_terminated").summary


def test_a_group_shrinks_by_the_instance_that_is_ended(service: Service) -> None:
    first, second = instances(service)
    done(change(service, "terminate-instance", instance=first, shrink=True))
    assert sizes(service, OLD) == (1, 1, 4)
    wait_for(lambda: instances(service) == [second], "it to be gone")
    with pytest.raises(Refused) as refused:
        change(service, "terminate-instance", instance=second, shrink=True)
    against = {finding.code for finding in refused.value.findings}
    assert against == {"at-min", "few-instances", "guard-last-serving"}
    with pytest.raises(Invalid) as unknown:
        change(service, "terminate-instance", instance=first)
    assert "is no instance of" in unknown.value.errors["options.instance"][0]


def test_an_instance_that_is_detached_runs_on_outside_of_the_group(service: Service) -> None:
    first, second = instances(service)
    asks = asked(service, "detach-instance", instance=first, shrink=True)
    assert {each.code for each in services.preview_change(asks).findings} == {"runs-on"}
    done(change(service, "detach-instance", instance=first, shrink=True))
    assert (instances(service), sizes(service, OLD)) == ([second], (1, 1, 4))
    found = service.place.client("ec2").describe_instances(InstanceIds=[first])["Reservations"][0]["Instances"]
    assert [each["State"]["Name"] for each in found] == ["running"]
    done(change(service, "detach-instance", instance=second, overrides=("guard-last-serving",)))
    assert second not in instances(service)
    assert sizes(service, OLD) == (1, 1, 4)
    told = Event.objects.filter(kind="group.instance_detached").order_by("pk")
    assert [event.before["instance"] for event in told] == [first, second]


def test_an_instance_is_protected_from_scale_in_and_not_any_more(service: Service) -> None:
    first, _ = instances(service)

    def protected() -> list[str]:
        return [each["InstanceId"] for each in raw(service)["Instances"] if each["ProtectedFromScaleIn"]]

    done(change(service, "protect-instance", instance=first))
    assert protected() == [first]
    with pytest.raises(Refused):
        change(service, "protect-instance", instance=first)
    done(change(service, "protect-instance", instance=first, protect="no"))
    assert protected() == []


def test_a_group_that_does_not_serve_is_deleted(service: Service) -> None:
    pushed = services.push(request(service, "1.1.0"), actor="ann")
    assert carry_on(pushed).state == "succeeded"
    preview = services.preview_change(asked(service, "delete-group"))
    assert "stands-by" in {finding.code for finding in preview.findings}
    done(change(service, "delete-group"))
    assert OLD not in service.groups()
    assert attached(service) == [NEW]


def test_the_last_group_goes_over_the_guard_or_once_it_is_empty(service: Service) -> None:
    """Whether requests reach it is read the same by what takes its traffic and by what deletes it."""
    only = services.preview_change(asked(service, "delete-group", overrides=("guard-last-serving",)))
    assert (only.refusals, only.confirm) == ((), f"Nothing brings {OLD} back.")
    resize(service, OLD, MinSize=0, DesiredCapacity=0)
    taken = services.preview_change(asked(service, "disable-traffic"))
    assert "though requests would reach one that is" in " ".join(finding.text for finding in taken.refusals)
    empty = services.preview_change(asked(service, "delete-group"))
    assert [finding.code for finding in empty.findings] == ["last-without-instances"]
    done(change(service, "delete-group"))
    assert service.groups() == {}


def test_the_last_group_that_serves_goes_where_that_is_said_with_a_reason(service: Service) -> None:
    done(change(service, "delete-group", overrides=("guard-last-serving",)))
    assert service.groups() == {}
    assert Event.objects.get(kind="deployment.overridden").after == {"code": "guard-last-serving"}


def test_a_change_waits_its_turn_behind_a_push_and_leaves_its_way_back(service: Service) -> None:
    pushed = services.push(request(service, "1.1.0"), actor="ann")
    until_waiting(pushed, service)
    with pytest.raises(Busy):
        change(service, "resize", desired=3)
    queued = services.change(
        ChangeRequest("prod", service.place.region, OLD, "processes", {"AZRebalance": "suspend"}, queue=True),
        actor="ann",
    )
    assert carry_on(pushed).state == "succeeded"
    look_until(queued, lambda: queued.run.ended, "to have its turn")
    assert queued.run.state == "cancelled"
    assert "so there is nothing to change" in queued.run.failure
    assert services.preview_rollback(pushed.pk).refusals == ()


def test_every_operation_tells_what_it_is() -> None:
    for operation in operations.all().values():
        assert operation.title
        assert operation.summary.endswith(".")
        assert all(spec.label for spec in operation.options)
