"""Alarms that are watched during the soak: one that goes off undoes the push, one that does not exist is refused."""

from __future__ import annotations

import pytest

from apps.deployments import services
from apps.deployments.errors import Invalid
from apps.deployments.models import Deployment
from tests.deployments.lite import attached, carry_on, cloud, look_until, service, until_step
from tests.deployments.rich import put_alarm
from tests.deployments.test_push import request
from tests.world import Service

__all__ = ["cloud", "service"]

OLD = "api-prod-v000"


def soaking(service: Service, seconds: int = 3600) -> Deployment:
    options = {"soak_seconds": seconds, "soak_alarms": "errors, latency"}
    pushed = services.push(request(service, "1.1.0", options=options), actor="ann")
    until_step(pushed, "soak")
    return pushed


def turn(service: Service, name: str, state: str) -> None:
    service.place.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue=state, StateReason="5 errors")


@pytest.fixture
def alarms(service: Service) -> None:
    for name in ("errors", "latency"):
        put_alarm(service, name, [], Period=86400, EvaluationPeriods=1)  # evaluated too rarely to change by itself


@pytest.mark.usefixtures("alarms")
def test_an_alarm_that_goes_off_undoes_the_push(service: Service) -> None:
    pushed = soaking(service)
    turn(service, "latency", "ALARM")
    assert carry_on(pushed).state == "undone"
    assert pushed.run.failure.startswith("The alarm latency went off: 5 errors")
    assert attached(service) == [OLD]


@pytest.mark.usefixtures("alarms")
def test_too_little_data_is_said_and_a_deleted_alarm_is_taken_for_one_that_went_off(service: Service) -> None:
    pushed = soaking(service)
    turn(service, "errors", "OK")
    look_until(pushed, lambda: "Too little data for the alarm latency." in pushed.run.says, "to say so")
    service.place.client("cloudwatch").delete_alarms(AlarmNames=["errors"])
    assert carry_on(pushed).state == "undone"
    assert pushed.run.failure.startswith("The alarm errors was deleted")


@pytest.mark.usefixtures("alarms")
def test_what_cannot_be_watched_is_refused_and_what_is_off_already_is_told(service: Service) -> None:
    for options, words in (
        ({"soak_seconds": 60, "soak_alarms": "errors,nobody"}, "There is no alarm nobody in prod"),
        ({"soak_alarms": "errors"}, "soak_seconds is 0"),
    ):
        with pytest.raises(Invalid) as refused:
            services.preview_push(request(service, "1.1.0", options=options))
        assert words in refused.value.errors["options.soak_alarms"][0]
    rolling = request(service, "1.1.0", strategy="rolling-red-black", options={"soak_alarms": "errors"})
    services.preview_push(rolling)  # its parts are watched
    turn(service, "errors", "ALARM")
    preview = services.preview_push(request(service, "1.1.0", options={"soak_seconds": 60, "soak_alarms": "errors"}))
    assert "alarm" in {finding.code for finding in preview.findings}
