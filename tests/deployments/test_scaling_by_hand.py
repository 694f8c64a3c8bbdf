"""Scaling policies and scheduled actions by hand: what is not named stays, and what fails goes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps.cloud.aws import scaling
from apps.cloud.errors import Throttled, Unavailable
from apps.deployments import services
from apps.deployments.errors import Invalid, Refused
from apps.events.models import Event
from tests.deployments import rich
from tests.deployments.lite import carry_on, cloud, look_until, service
from tests.deployments.test_changes_by_hand import OLD, asked, change, done
from tests.world import Service

__all__ = ["cloud", "service"]


def schedules(service: Service) -> dict[str, Any]:
    found = service.place.client("autoscaling").describe_scheduled_actions(AutoScalingGroupName=OLD)
    return {each["ScheduledActionName"]: each for each in found["ScheduledUpdateGroupActions"]}


def policies(service: Service) -> dict[str, Any]:
    found = service.place.client("autoscaling").describe_policies(AutoScalingGroupName=OLD)["ScalingPolicies"]
    return {each["PolicyName"]: each for each in found}


def alarm(service: Service, name: str) -> dict[str, Any]:
    (found,) = service.place.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return dict(found)


def wrong(service: Service, operation: str, **options: Any) -> dict[str, Any]:
    with pytest.raises(Invalid) as refused:
        services.preview_change(asked(service, operation, **options))
    return {field: texts[0] for field, texts in refused.value.errors.items()}


def cut(monkeypatch: pytest.MonkeyPatch, name: str, *errors: Exception) -> list[Exception]:
    """The first call takes effect, and its answer is lost; the ones after it raise the other errors, those answered."""
    real: Callable[..., Any] = getattr(scaling, name)
    left = list(errors)

    def call(*args: Any) -> Any:
        if len(left) == len(errors):
            real(*args)
        if left:
            raise left.pop(0)
        return real(*args)

    monkeypatch.setattr(scaling, name, call)
    return left


def test_an_action_is_scheduled_changed_in_part_and_deleted(service: Service) -> None:
    done(change(service, "schedule", schedule="evening", recurrence="0 18 * * *", time_zone="Europe/Berlin", desired=3))
    done(change(service, "schedule", schedule="evening", desired=2, max=4))
    found = schedules(service)["evening"]
    kept = {key: found.get(key) for key in ("Recurrence", "TimeZone", "DesiredCapacity", "MaxSize", "MinSize")}
    assert kept == {
        "Recurrence": "0 18 * * *",
        "TimeZone": "Europe/Berlin",
        "DesiredCapacity": 2,
        "MaxSize": 4,
        "MinSize": None,
    }
    with pytest.raises(Refused):
        change(service, "schedule", schedule="evening", desired=2)
    done(change(service, "delete-schedule", schedule="evening"))
    assert schedules(service) == {}
    kinds = Event.objects.filter(kind__startswith="group.schedule").order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["group.schedule_set", "group.schedule_set", "group.schedule_deleted"]


def test_what_would_not_be_scheduled_names_the_option(service: Service) -> None:
    for options, field, words in (
        ({"schedule": ""}, "options.schedule", "Name the scheduled action"),
        ({"desired": 2}, "options.recurrence", "Say when"),
        ({"recurrence": "0 18 *", "desired": 2}, "options.recurrence", "has not five fields"),
        ({"recurrence": "0 18 * * *"}, "options.desired", "Say what it sets"),
        ({"start": "soon", "desired": 2}, "options.start", "is no time"),
        ({"start": "2001-01-01T00:00:00Z", "desired": 2}, "options.start", "has passed"),
        ({"recurrence": "0 18 * * *", "time_zone": "Berlin", "desired": 2}, "options.time_zone", "no time zone Berlin"),
        ({"recurrence": "0 18 * * *", "min": 3, "desired": 2}, "options.min", "at most desired, 2"),
        ({"start": "2098-01-02T00:00:00Z", "end": "2098-01-01T00:00:00Z", "min": 1}, "options.end", "after its start"),
    ):
        assert words in wrong(service, "schedule", **{"schedule": "evening", **options})[field]
    assert "it has none" in wrong(service, "delete-schedule", schedule="evening")["options.schedule"]


def test_a_lost_answer_and_a_refused_repeat_leave_what_was_there_to_go_back_to(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    done(change(service, "schedule", schedule="night", recurrence="0 3 * * *", desired=2))
    lost = Unavailable("no answer", operation="PutScheduledUpdateGroupAction")
    slow = Throttled("slow down", operation="PutScheduledUpdateGroupAction")
    left = cut(monkeypatch, "put_schedule", lost, slow, lost)
    changed = change(service, "schedule", schedule="night", desired=1)
    look_until(changed, lambda: not left, "to have tried three times")
    services.cancel(changed.pk, actor="bob", reason="no")
    assert carry_on(changed).state == "undone", changed.run.failure
    assert schedules(service)["night"]["DesiredCapacity"] == 2


def test_a_metric_is_kept_at_a_value_and_then_at_another(service: Service) -> None:
    assert wrong(service, "track-metric", policy="cpu", target=60.0) == {"options.metric": "A new policy needs it."}
    done(change(service, "track-metric", policy="cpu", metric="ASGAverageCPUUtilization", target=60.0, scale_in="no"))
    done(change(service, "track-metric", policy="cpu", target=40.0))
    tracked = policies(service)["cpu"]["TargetTrackingConfiguration"]
    assert (tracked["TargetValue"], tracked["DisableScaleIn"]) == (40.0, True)
    assert tracked["PredefinedMetricSpecification"] == {"PredefinedMetricType": "ASGAverageCPUUtilization"}
    done(change(service, "track-metric", policy="load", metric="ALBRequestCountPerTarget", target=100.0))
    label = policies(service)["load"]["TargetTrackingConfiguration"]["PredefinedMetricSpecification"]["ResourceLabel"]
    assert label.startswith("app/")
    assert label.endswith(service.target_group.rpartition(":")[2])
    assert "another kind" in wrong(service, "scale-on-alarm", policy="cpu", threshold=1.0, by=1)["options.policy"]


def test_a_group_scales_on_an_alarm_that_is_the_policys_own(service: Service) -> None:
    given = {"policy": "slow", "metric": "TargetResponseTime", "threshold": 0.5, "minutes": 2, "by": 2}
    done(change(service, "scale-on-alarm", **given))
    found, made = policies(service)["slow"], alarm(service, f"{OLD}-slow")
    assert made["AlarmActions"] == [found["PolicyARN"]]
    assert found["StepAdjustments"] == [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 2}]
    assert (made["Threshold"], made["EvaluationPeriods"], made["Namespace"]) == (0.5, 2, "AWS/ApplicationELB")
    assert {each["Name"] for each in made["Dimensions"]} == {"LoadBalancer", "TargetGroup"}
    done(change(service, "switch-policy", policy="slow", enabled="no"))
    assert policies(service)["slow"]["Enabled"] is False
    with pytest.raises(Refused):
        change(service, "switch-policy", policy="slow", enabled="no")
    preview = services.preview_change(asked(service, "delete-policy", policy="slow"))
    assert {finding.code for finding in preview.findings} == {"alarm-stays"}
    done(change(service, "delete-policy", policy="slow"))
    assert (policies(service), alarm(service, f"{OLD}-slow")["AlarmActions"]) == ({}, [])


def test_an_alarm_of_that_name_that_is_somebody_elses_is_left_alone(service: Service) -> None:
    rich.put_alarm(service, f"{OLD}-low", [])
    changed = change(service, "scale-on-alarm", policy="low", when="below", threshold=5.0, by=-1)
    assert carry_on(changed).state == "undone"
    assert "is left alone" in changed.run.failure
    assert policies(service) == {}


def test_a_policy_whose_deletion_is_undone_is_triggered_by_its_alarm_again(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    done(change(service, "scale-on-alarm", policy="low", when="below", threshold=5.0, by=-1))
    cut(monkeypatch, "delete_policy", Unavailable("no answer", operation="DeletePolicy"))
    deleted = change(service, "delete-policy", policy="low")
    look_until(deleted, lambda: not policies(service), "its policy to be gone")
    services.cancel(deleted.pk, actor="bob", reason="no")
    assert carry_on(deleted).state == "undone", deleted.run.failure
    assert alarm(service, f"{OLD}-low")["AlarmActions"] == [policies(service)["low"]["PolicyARN"]]


def test_a_policy_whose_making_is_undone_goes_with_its_alarm(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    from apps.cloud.aws import alarms

    real, lost = alarms.put_alarm, [Unavailable("no answer", operation="PutMetricAlarm")]

    def put(*args: Any) -> None:
        real(*args)
        if lost:
            raise lost.pop()

    monkeypatch.setattr(alarms, "put_alarm", put)
    made = change(service, "scale-on-alarm", policy="low", when="below", threshold=5.0, by=-1)
    look_until(made, lambda: not lost, "the alarm to be put")
    services.cancel(made.pk, actor="bob", reason="no")
    assert carry_on(made).state == "undone", made.run.failure
    found = service.place.client("cloudwatch").describe_alarms(AlarmNames=[f"{OLD}-low"])["MetricAlarms"]
    assert (policies(service), found) == ({}, [])


@pytest.mark.parametrize(
    ("operation", "options", "refused"),
    [
        ("scale-on-alarm", {"threshold": 5.0, "when": "below", "by": -1}, True),
        ("scale-on-alarm", {"threshold": 5.0, "when": "below", "by": 0, "change": "ExactCapacity"}, True),
        ("scale-on-alarm", {"threshold": 5.0, "when": "below", "by": 1, "change": "ExactCapacity"}, False),
        ("scale-on-alarm", {"threshold": 50.0, "by": 1}, False),
        ("track-metric", {"metric": "ASGAverageCPUUtilization", "target": 60.0}, True),
        ("track-metric", {"metric": "ASGAverageCPUUtilization", "target": 60.0, "scale_in": "no"}, False),
    ],
)
def test_a_policy_that_may_end_the_last_serving_instance_is_refused_unless_overridden(
    service: Service, operation: str, options: dict[str, Any], refused: bool
) -> None:
    service.place.client("autoscaling").update_auto_scaling_group(AutoScalingGroupName=OLD, MinSize=0)
    preview = services.preview_change(asked(service, operation, policy="p", **options))
    assert [each.code for each in preview.refusals] == (["may-empty"] if refused else [])
    assert all("min of 1" in each.text and each.overridable for each in preview.refusals)
