"""Changes by hand that do not go through: what goes back, what is told, and what the guard asks of two groups."""

from __future__ import annotations

from typing import Any

import pytest

from apps.cloud.aws import autoscaling
from apps.cloud.errors import Denied
from apps.deployments import guard, services
from apps.deployments.errors import Refused
from apps.deployments.models import Deployment
from apps.deployments.requests import ChangeRequest
from apps.events.models import Event
from apps.inventory.models import Environment
from tests.deployments.lite import carry_on, cloud, look_until, resize, service, sizes, until_step, until_waiting
from tests.deployments.test_changes_by_hand import NEW, OLD, asked, change, done, instances, raw
from tests.deployments.test_push import request
from tests.world import Service, wait_for

__all__ = ["cloud", "service"]


def never_healthy(service: Service) -> None:
    tags = [{"Key": "fault", "Value": "never_healthy"}]
    service.place.client("ec2").create_tags(Resources=[service.images["1.0.0"]], Tags=tags)


def waits(service: Service, **sizes: int) -> Deployment:
    """A resize whose instances never become healthy."""
    never_healthy(service)
    resized = change(service, "resize", **sizes)
    until_step(resized, "wait-sized")
    wait_for(lambda: len(instances(service)) == sizes["desired"], "its instances to be launched")
    return resized


def cancelled(deployment: Deployment) -> Deployment:
    services.cancel(deployment.pk, actor="bob", reason="no")
    carry_on(deployment)
    return deployment


def test_a_desired_that_somebody_else_set_meanwhile_stays_and_max_stays_above_it(service: Service) -> None:
    resized = waits(service, desired=3, max=8)
    resize(service, OLD, DesiredCapacity=6)
    assert cancelled(resized).run.state == "undone", resized.run.failure
    assert sizes(service, OLD) == (1, 6, 6)


def test_settings_and_processes_go_back(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    before = raw(service)

    def denied(*args: Any) -> None:
        raise Denied("No.", operation="ResumeProcesses")

    service.place.client("autoscaling").suspend_processes(AutoScalingGroupName=OLD, ScalingProcesses=["AZRebalance"])
    with monkeypatch.context() as patched:
        patched.setattr(autoscaling, "resume", denied)
        changed = change(service, "processes", Launch="suspend", AZRebalance="resume")
        look_until(changed, lambda: changed.run.state == "undoing", "to turn back")
    assert carry_on(changed).state == "undone", changed.run.failure
    assert [each["ProcessName"] for each in raw(service)["SuspendedProcesses"]] == ["AZRebalance"]
    told = Event.objects.filter(run=changed.run_id, kind__startswith="group.processes")
    assert ("group.processes_suspended", f"Launch of {OLD} suspended") in told.values_list("kind", "summary")
    assert before["HealthCheckGracePeriod"] == raw(service)["HealthCheckGracePeriod"]


def test_what_aws_refused_is_not_told_as_done_and_not_put_back(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*args: Any) -> None:
        raise Denied("No.", operation="UpdateAutoScalingGroup")

    monkeypatch.setattr(autoscaling, "set_members", denied)
    changed = change(service, "settings", default_cooldown=7)
    assert carry_on(changed).state == "undone"
    assert not Event.objects.filter(run=changed.run_id, kind="group.changed").exists()


def test_an_instance_that_is_being_ended_when_it_is_cancelled_is_told(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = instances(service)
    ended = change(service, "terminate-instance", instance=first, shrink=True)
    look_until(
        ended, lambda: first in ended.run.steps.get(kind="terminate-instance").memory.get("ending", ()), "to end it"
    )
    assert cancelled(ended).run.state == "failed"
    event = Event.objects.get(kind="group.instance_terminated")
    assert event.before == {"instance": first}


def test_an_instance_whose_end_a_hook_holds_is_out_of_service_and_that_is_enough(service: Service) -> None:
    service.place.client("autoscaling").put_lifecycle_hook(
        AutoScalingGroupName=OLD,
        LifecycleHookName="drain",
        LifecycleTransition="autoscaling:EC2_INSTANCE_TERMINATING",
        HeartbeatTimeout=3600,
    )
    first, _ = instances(service)
    done(change(service, "terminate-instance", instance=first, shrink=True))
    states = {each["InstanceId"]: each["LifecycleState"] for each in raw(service)["Instances"]}
    assert states.get(first, "Terminating:Wait") == "Terminating:Wait"


def test_only_what_is_in_service_is_protected(service: Service) -> None:
    never_healthy(service)
    scaling = service.place.client("autoscaling")
    scaling.suspend_processes(AutoScalingGroupName=OLD, ScalingProcesses=["Launch"])
    first, _ = instances(service)
    scaling.put_lifecycle_hook(
        AutoScalingGroupName=OLD,
        LifecycleHookName="drain",
        LifecycleTransition="autoscaling:EC2_INSTANCE_TERMINATING",
        HeartbeatTimeout=3600,
    )
    scaling.terminate_instance_in_auto_scaling_group(InstanceId=first, ShouldDecrementDesiredCapacity=True)
    preview = services.preview_change(asked(service, "protect-instance", instance=first))
    assert {each.code for each in preview.refusals} == {"not-in-service"}


def test_a_second_group_that_serves_carries_only_what_it_has_the_traffic_of_and_its_own_load_counts(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed = services.push(request(service, "1.1.0"), actor="ann")
    until_waiting(pushed, service)
    with monkeypatch.context() as patched:
        patched.setattr(guard, "hold_back", lambda *args: "Not yet.")
        look_until(pushed, lambda: pushed.run.says == "Not yet.", "both to serve")
    services.decide(pushed.pk, "stop", actor="bob", reason="look")
    carry_on(pushed)
    resize(service, NEW, DesiredCapacity=1)
    emptied = services.preview_change(asked(service, "resize", min=0, desired=0))
    assert "guard-min-healthy" in {each.code for each in emptied.refusals}
    with pytest.raises(Refused):
        change(service, "resize", min=0, desired=0)


def test_the_serving_group_shall_not_become_smaller_than_the_cluster_s_policy_asks_for(service: Service) -> None:
    resize(service, OLD, DesiredCapacity=4)
    Environment.objects.update(production=True)
    preview = services.preview_change(asked(service, "resize", desired=2))
    assert {each.code for each in preview.refusals} == {"few-instances"}
    assert services.preview_change(asked(service, "resize", desired=3)).refusals == ()


def test_what_was_asked_of_the_serving_group_is_not_done_to_one_that_stands_by(service: Service) -> None:
    pushed = services.push(request(service, "1.1.0"), actor="ann")
    until_waiting(pushed, service)
    place = service.place
    queued = services.change(
        ChangeRequest("prod", place.region, OLD, "resize", {"desired": 4}, "the sale", queue=True), actor="ann"
    )
    assert carry_on(pushed).state == "succeeded"
    look_until(queued, lambda: queued.run.ended, "to have its turn")
    assert queued.run.state == "cancelled"
    assert f"{OLD} no longer serves, as it did when this was asked for." in queued.run.failure
