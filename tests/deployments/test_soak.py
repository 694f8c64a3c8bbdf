"""The soak: what it waits for, and how it ends when capacity is low."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from apps.cloud.aws import elbv2
from apps.cloud.values import Target, TargetHealth
from apps.deployments import services
from apps.workflows.models import Run
from tests.deployments.lite import carry_on, cloud, service, until_step
from tests.deployments.test_push import request
from tests.world import Service

__all__ = ["cloud", "service"]

NEW = "api-prod-v001"


def make_sick(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on one instance of the new group fails its health checks."""
    sick = service.groups()[NEW]["Instances"][0]["InstanceId"]
    real = elbv2.target_health

    def health(target: Target, arn: str, ids: Any = None) -> tuple[TargetHealth, ...]:
        return tuple(replace(each, state="unhealthy") if each.id == sick else each for each in real(target, arn, ids))

    monkeypatch.setattr(elbv2, "target_health", health)


def test_low_capacity_undoes_the_push_after_the_chosen_time(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    options = {"soak_seconds": 1, "unhealthy_for_seconds": 5}
    pushed = services.push(request(service, "1.1.0", options=options), actor="ann")
    until_step(pushed, "soak")
    with monkeypatch.context() as patched:
        make_sick(service, patched)
        assert carry_on(pushed).state == "undone"
    assert re.search("stayed below its desired capacity for [5-9] s", pushed.run.failure)


def test_a_soak_that_shall_not_undo_ends_in_time_with_a_warning(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {"soak_seconds": 2, "undo_when_unhealthy": False}
    pushed = services.push(request(service, "1.1.0", options=options), actor="ann")
    until_step(pushed, "soak")
    with monkeypatch.context() as patched:
        make_sick(service, patched)
        assert carry_on(pushed).state == "succeeded"
    assert pushed.run.steps.get(kind="soak").says.startswith(f"Warning: Capacity of {NEW} is below desired")


def test_aws_is_asked_once_a_second_at_most(service: Service) -> None:
    pushed = services.push(request(service, "1.1.0", options={"soak_seconds": 1}), actor="ann")
    until_step(pushed, "soak")
    run = Run.objects.get(pk=pushed.run_id)
    assert run.due_at
    assert (run.due_at - run.changed_at).total_seconds() >= 0.95
