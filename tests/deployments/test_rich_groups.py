"""Groups as they really are: everything one has is the next one's too, and nothing of it is left when it is undone."""

from __future__ import annotations

from pathlib import Path

import pytest

from apps.deployments import services
from apps.deployments.models import Deployment
from apps.localcloud.launch import RunningCloud
from apps.workflows.models import Borrowed, Step
from tests.deployments.conftest import known
from tests.deployments.lite import cloud, look_until, sizes
from tests.deployments.rich import complete, described, enrich
from tests.deployments.test_push import request
from tests.world import Service, build

__all__ = ["cloud"]

OLD, NEW = "api-prod-v000", "api-prod-v001"


@pytest.fixture
def service(aws: RunningCloud, tmp_path: Path, transactional_db: None) -> Service:
    """A service whose group launches two instance types by a mixed instances policy, and has everything else too."""
    made = known(build(aws, tmp_path, drain_seconds=0))
    template = {"LaunchTemplateId": made.template, "Version": "1"}
    overrides = [{"InstanceType": "t3.small"}, {"InstanceType": "t3.medium"}]
    policy = {"LaunchTemplate": {"LaunchTemplateSpecification": template, "Overrides": overrides}}
    made.place.client("autoscaling").update_auto_scaling_group(AutoScalingGroupName=OLD, MixedInstancesPolicy=policy)
    enrich(made)
    return made


def carry_on(service: Service, deployment: Deployment) -> Deployment:
    """Carries on to the end; whoever a lifecycle hook holds is let go, as its owner would."""

    def over() -> bool:
        complete(service)
        return deployment.run.ended

    look_until(deployment, over, "to end")
    return deployment


def alarms(service: Service) -> list[str]:
    found = service.place.client("cloudwatch").describe_alarms()["MetricAlarms"]
    return sorted(alarm["AlarmName"] for alarm in found if not alarm["AlarmName"].startswith("TargetTracking-"))


def test_a_push_carries_everything_over_and_a_rollback_finds_it_as_it_was(service: Service) -> None:
    before = described(service, OLD)
    pushed = carry_on(service, services.push(request(service, "1.1.0"), actor="ann"))
    assert pushed.run.state == "succeeded", pushed.run.failure
    assert described(service, NEW) == before
    assert sizes(service, NEW) == (1, 2, 4)
    pinned = service.groups()[NEW]["MixedInstancesPolicy"]["LaunchTemplate"]["LaunchTemplateSpecification"]
    assert pinned["Version"] == "2"
    assert alarms(service) == [f"{OLD}-busy", f"{NEW}-busy", "idle", f"idle {NEW}"]
    back = carry_on(service, services.rollback(pushed.pk, actor="bob"))
    assert back.run.state == "succeeded", back.run.failure
    assert described(service, OLD) == before


def test_the_first_instance_already_waits_for_the_lifecycle_hook(service: Service) -> None:
    pushed = services.push(request(service, "1.1.0"), actor="ann")
    states: list[str] = []

    def seen() -> bool:
        states.extend(member["LifecycleState"] for member in service.groups().get(NEW, {"Instances": []})["Instances"])
        return "Pending:Wait" in states

    look_until(pushed, seen, "to hold an instance")
    assert "InService" not in states
    services.cancel(pushed.pk, actor="bob")
    assert carry_on(service, pushed).run.state == "undone"


@pytest.mark.parametrize("after", ["carry-over", "carry-rest"])
def test_an_undone_push_leaves_nothing_behind(after: str, service: Service) -> None:
    before = described(service, OLD)
    pushed = services.push(request(service, "1.1.0", options={"soak_seconds": 3600}), actor="ann")

    def there() -> bool:
        complete(service)
        return Step.objects.filter(run_id=pushed.run_id, kind=after, state="done").exists()

    look_until(pushed, there, f"to come to {after}")
    services.cancel(pushed.pk, actor="bob")
    assert carry_on(service, pushed).run.state == "undone", pushed.run.failure
    assert sorted(service.groups()) == [OLD]
    assert described(service, OLD) == before
    assert alarms(service) == [f"{OLD}-busy", "idle"]
    assert not Borrowed.objects.filter(repaid_at__isnull=True).exists()


def test_a_group_that_is_deleted_later_takes_its_alarms_along_but_not_somebody_else_s(service: Service) -> None:
    service.place.client("autoscaling").update_auto_scaling_group(AutoScalingGroupName=OLD, DeletionProtection="none")
    carry_on(service, services.push(request(service, "1.1.0"), actor="ann"))
    second = carry_on(service, services.push(request(service, "1.2.0"), actor="ann"))
    third = carry_on(service, services.push(request(service, "1.1.0"), actor="ann"))
    assert [second.run.state, third.run.state] == ["succeeded", "succeeded"]
    kept, serving = "api-prod-v002", "api-prod-v003"
    names = [f"{OLD}-busy"]  # its owner's; AWS itself deletes one that has no action left
    names += [f"{kept}-busy", f"idle {kept}", f"{serving}-busy", f"idle {serving}"]
    assert alarms(service) == sorted(names)


def test_a_group_protected_by_somebody_else_stays_when_its_time_is_over(service: Service) -> None:
    pushed = carry_on(
        service, services.push(request(service, "1.1.0", options={"old_group": "delete-at-once"}), actor="ann")
    )
    assert pushed.run.state == "succeeded", pushed.run.failure
    step = Step.objects.get(run_id=pushed.run_id, kind="delete-group")
    assert "is protected from deletion" in step.says
    assert sorted(service.groups()) == [OLD, NEW]
    assert service.groups()[OLD]["TargetGroupARNs"] == []
