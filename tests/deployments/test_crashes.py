"""A push and a rollback with a fault at each of their changing calls: each ends done or put back, nothing is left.

The calls are those that a push without faults was seen to make, so a call that comes later is covered by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apps.cloud.aws import session
from apps.cloud.errors import Unavailable
from apps.deployments import services
from apps.deployments.models import Deployment, KeptGroup
from apps.deployments.requests import PushRequest
from apps.localcloud.launch import RunningCloud
from apps.workflows.models import Borrowed, Lock
from tests.deployments.conftest import known
from tests.deployments.lite import Died, carry_on, cloud, look_until, until_step
from tests.world import Service, build, wait_for

__all__ = ["cloud"]

Send = Callable[..., Any]


class Injector:
    """Strikes at the `at`-th changing call, once. Counts every changing call that reached AWS."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.calls: list[str] = []
        self.at = -1
        self.fault = ""

    def strike(self, at: int, fault: str) -> None:
        self.calls, self.at, self.fault = [], at, fault

    def __call__(self, target: Any, service: str, operation: str, parameters: Any, *, changing: bool) -> Any:
        if not changing:
            return self._send(target, service, operation, parameters, changing=False)
        number = len(self.calls)
        self.calls.append(operation)
        if number != self.at:
            return self._send(target, service, operation, parameters, changing=True)
        if self.fault == "die before":
            raise Died
        if self.fault == "refuse":
            raise Unavailable("503", operation=operation)
        self._send(target, service, operation, parameters, changing=True)
        if self.fault == "die after":
            raise Died
        raise Unavailable("no answer", operation=operation)


FAULTS = ["die before", "die after", "refuse", "time out after effect"]


@pytest.fixture
def injector(monkeypatch: pytest.MonkeyPatch) -> Injector:
    made = Injector(session._send)
    monkeypatch.setattr(session, "_send", made)
    return made


def push(service: Service, image: str) -> Deployment:
    request = PushRequest("prod", service.place.region, service.cluster, service.images[image])
    return services.push(request, actor="ann")


def check_after(service: Service, serves: str, stands_by: str) -> None:
    """One group serves at its own size, one stands by at its size, out of traffic; nothing else is there."""
    wait_for(lambda: not any("Status" in group for group in service.groups().values()), "deletions to end")
    groups = service.groups()
    assert set(groups) == {serves, stands_by}
    sizes = {name: (g["MinSize"], g["DesiredCapacity"], g["MaxSize"]) for name, g in groups.items()}
    assert sizes == {serves: (1, 2, 4), stands_by: (1, 2, 4)}
    assert groups[serves]["TargetGroupARNs"] == [service.target_group]
    assert groups[stands_by]["TargetGroupARNs"] == []
    assert groups[serves]["SuspendedProcesses"] == []
    assert len(groups[stands_by]["SuspendedProcesses"]) == 3
    owed = Borrowed.objects.filter(repaid_at__isnull=True)
    assert sorted(item.kind for item in owed) == ["processes", "traffic"]
    assert {item.resource.split("/")[-1] for item in owed} == {stands_by}
    assert not Lock.objects.exists()


def versions_of(service: Service) -> int:
    found = service.place.client("ec2").describe_launch_template_versions(LaunchTemplateId=service.template)
    return len(found["LaunchTemplateVersions"])


@pytest.mark.parametrize("fault", FAULTS)
def test_a_push_and_its_rollback_survive_a_fault_at_each_changing_call(
    fault: str, aws: RunningCloud, tmp_path: Path, injector: Injector, transactional_db: None
) -> None:
    service = known(build(aws, tmp_path, drain_seconds=0))
    serving, standing = "api-prod-v000", "api-prod-v001"
    at, versions = 0, 1
    while True:
        injector.strike(at, fault)
        pushed = push(service, "1.1.0")
        assert carry_on(pushed).state == "succeeded", pushed.run.failure
        made = len(injector.calls)
        standing, serving = serving, pushed.to_group
        versions += 1
        check_after(service, serving, standing)
        assert versions_of(service) == versions
        injector.strike(at, fault)
        back = services.rollback(pushed.pk, actor="bob")
        assert carry_on(back).state == "succeeded", back.run.failure
        standing, serving = serving, standing
        check_after(service, serving, standing)
        at += 1
        if at >= max(made, len(injector.calls)):
            break
    assert at >= 7


@pytest.mark.parametrize("fault", FAULTS)
def test_the_undo_of_a_cancelled_push_survives_a_fault_at_each_of_its_changing_calls(
    fault: str, aws: RunningCloud, tmp_path: Path, injector: Injector, transactional_db: None
) -> None:
    service = known(build(aws, tmp_path, drain_seconds=0))
    before = service.groups()["api-prod-v000"]
    at = 0
    while True:
        request = PushRequest(
            "prod", service.place.region, service.cluster, service.images["1.1.0"], options={"soak_seconds": 3600}
        )
        pushed = services.push(request, actor="ann")
        until_step(pushed, "soak")
        injector.strike(at, fault)
        services.cancel(pushed.pk, actor="bob")
        assert carry_on(pushed).state == "undone", pushed.run.failure
        groups = service.groups()
        assert set(groups) == {"api-prod-v000"}
        stands = groups["api-prod-v000"]
        for member in ("MinSize", "MaxSize", "DesiredCapacity", "TargetGroupARNs", "SuspendedProcesses"):
            assert stands[member] == before[member], member
        assert not Borrowed.objects.filter(repaid_at__isnull=True).exists()
        assert not Lock.objects.exists()
        assert versions_of(service) == 1
        at += 1
        if at >= len(injector.calls):
            break
    assert at >= 4


@pytest.mark.parametrize("fault", FAULTS)
def test_a_second_push_survives_a_fault_at_each_changing_call_and_deletes_the_group_kept_before(
    fault: str, aws: RunningCloud, tmp_path: Path, injector: Injector, transactional_db: None
) -> None:
    service = known(build(aws, tmp_path, drain_seconds=0))
    injector.strike(-1, fault)
    serving = push(service, "1.1.0")
    assert carry_on(serving).state == "succeeded"
    for at in range(20):
        injector.strike(at, fault)
        following = push(service, "1.2.0")
        assert carry_on(following).state == "succeeded", following.run.failure
        check_after(service, following.to_group, serving.to_group)
        serving = following
        if at >= len(injector.calls):
            break
    assert "DeleteAutoScalingGroup" in injector.calls
    assert at >= 7


@pytest.mark.parametrize("when", ["delete-at-once", "delete-after-soak"])
@pytest.mark.parametrize("fault", FAULTS)
def test_the_deletion_of_the_old_group_by_a_push_survives_a_fault(
    fault: str, when: str, aws: RunningCloud, tmp_path: Path, injector: Injector, transactional_db: None
) -> None:
    service = known(build(aws, tmp_path, drain_seconds=0))
    injector.strike(-1, fault)
    options = {"old_group": when, "soak_seconds": 1}
    calls = ["CreateLaunchTemplateVersion", "CreateAutoScalingGroup", "UpdateAutoScalingGroup", "SuspendProcesses"]
    calls += ["DetachLoadBalancerTargetGroups", "UpdateAutoScalingGroup", "DeleteAutoScalingGroup"]
    injector.strike(calls.index("DeleteAutoScalingGroup"), fault)
    pushed = services.push(
        PushRequest("prod", service.place.region, service.cluster, service.images["1.1.0"], options=options),
        actor="ann",
    )
    assert carry_on(pushed).state == "succeeded", pushed.run.failure
    assert injector.calls[: len(calls)] == calls
    check_alone(service, pushed.to_group)


@pytest.mark.parametrize("fault", FAULTS)
def test_the_clean_up_of_a_kept_group_survives_a_fault(
    fault: str, aws: RunningCloud, tmp_path: Path, injector: Injector, transactional_db: None
) -> None:
    service = known(build(aws, tmp_path, drain_seconds=0))
    injector.strike(-1, fault)
    options = {"old_group": "hours", "keep_hours": 1}
    pushed = services.push(
        PushRequest("prod", service.place.region, service.cluster, service.images["1.1.0"], options=options),
        actor="ann",
    )
    assert carry_on(pushed).state == "succeeded"
    KeptGroup.objects.update(until=pushed.created_at)
    injector.strike(0, fault)
    assert services.start_due_clean_ups() == 1
    cleaning = Deployment.objects.get(kind="clean-up")
    assert carry_on(cleaning).state == "succeeded", cleaning.run.failure
    assert set(injector.calls) == {"DeleteAutoScalingGroup"}
    check_alone(service, pushed.to_group)


@pytest.mark.parametrize("fault", FAULTS)
def test_the_undo_of_a_rollback_survives_a_fault_at_each_of_its_changing_calls(
    fault: str, aws: RunningCloud, tmp_path: Path, injector: Injector, transactional_db: None
) -> None:
    service = known(build(aws, tmp_path, drain_seconds=0))
    injector.strike(-1, fault)
    pushed = push(service, "1.1.0")
    assert carry_on(pushed).state == "succeeded"
    for at in range(20):
        injector.strike(-1, fault)
        back = services.rollback(pushed.pk, actor="bob")
        look_until(back, lambda: service.groups()[pushed.to_group]["TargetGroupARNs"] == [], "to move the traffic")
        injector.strike(at, fault)
        services.cancel(back.pk, actor="bob")
        assert carry_on(back).state == "undone", back.run.failure
        check_after(service, pushed.to_group, pushed.from_group)
        if at >= len(injector.calls):
            break
    assert at >= 4
    injector.strike(-1, fault)
    again = services.rollback(pushed.pk, actor="bob")
    assert carry_on(again).state == "succeeded", again.run.failure
    check_after(service, pushed.from_group, pushed.to_group)


def check_alone(service: Service, serves: str) -> None:
    """One group serves at its own size, and is all there is; nothing is owed."""
    groups = service.groups()
    assert list(groups) == [serves]
    assert (groups[serves]["MinSize"], groups[serves]["DesiredCapacity"], groups[serves]["MaxSize"]) == (1, 2, 4)
    assert groups[serves]["TargetGroupARNs"] == [service.target_group]
    assert groups[serves]["SuspendedProcesses"] == []
    assert not Borrowed.objects.filter(repaid_at__isnull=True).exists()
    assert not KeptGroup.objects.filter(ended_at__isnull=True).exists()
    assert not Lock.objects.exists()
