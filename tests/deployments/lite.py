"""Deployments on an embedded cloud without processes: what matters is the order of calls, not traffic."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db.models import F

from apps.deployments.models import Deployment
from apps.localcloud import launch
from apps.localcloud.launch import RunningCloud
from apps.workflows.models import Run, Step
from apps.workflows.services import advance
from tests.deployments.conftest import known
from tests.faults.workers import as_if_due
from tests.world import Service, build, wait_for

__all__ = ["cloud", "service"]


class Died(BaseException):
    """The worker was killed."""


_RUNNING = pytest.StashKey[RunningCloud]()


@pytest.fixture(scope="session")
def cloud(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> RunningCloud:
    """One for the whole run, though pytest counts the fixture once for each module; each test has its own account."""
    running = pytestconfig.stash.get(_RUNNING, None)
    if running is None:
        running = launch.start(Path(tmp_path_factory.mktemp("lite")), lite=True, boot_seconds=0.05)
        pytestconfig.stash[_RUNNING] = running
        pytestconfig.add_cleanup(running.stop)
    return running


@pytest.fixture
def service(aws: RunningCloud, tmp_path: Path, transactional_db: None) -> Service:
    return known(build(aws, tmp_path, drain_seconds=0))


def carry_on(deployment: Deployment, within: float = 60.0, due: Callable[[int], None] = as_if_due) -> Run:
    """Looks again and again, as workers would, until it ends; a dead worker's lease is over at once."""
    look_until(deployment, lambda: deployment.run.ended, "to end", within, due)
    return deployment.run


def at_once(run_id: int) -> None:
    """It is due, though no time has passed."""
    Run.objects.filter(pk=run_id, due_at__isnull=False).update(due_at=F("created_at"), lease_until=None)


def until_step(deployment: Deployment, kind: str, *states: str) -> None:
    """Carries on until a step is in one of these states (running, when none is named)."""
    there = Step.objects.filter(run_id=deployment.run_id, kind=kind, state__in=states or ("running",))
    look_until(deployment, there.exists, f"to come to {kind}")


def until_waiting(deployment: Deployment, service: Service, version: str = "1.1.0") -> None:
    """Carries on until it waits for the new group, whose instances fail their health checks until then."""
    ec2, image = service.place.client("ec2"), service.images[version]
    ec2.create_tags(Resources=[image], Tags=[{"Key": "fault", "Value": "never_healthy"}])
    until_step(deployment, "wait-healthy")
    ec2.delete_tags(Resources=[image], Tags=[{"Key": "fault"}])


def look_until(
    deployment: Deployment,
    over: Callable[[], bool],
    what: str,
    within: float = 60.0,
    due: Callable[[int], None] = as_if_due,
) -> None:
    """Looks again and again until something is so, as if the time had passed until which it waits."""
    deadline = time.monotonic() + within
    while not over():
        assert time.monotonic() < deadline, f"waited in vain for {deployment} {what}: {_now(deployment)}"
        due(deployment.run_id)
        try:
            advance(deployment.run_id)
        except Died:
            continue
        deployment.run.refresh_from_db()
        time.sleep(0.02)


def _now(deployment: Deployment) -> str:
    return f"{deployment.run.state}: {deployment.run.says} {deployment.run.failure}"


def sizes(service: Service, name: str) -> tuple[int, int, int]:
    """Min, desired and max of a group now."""
    group = service.groups()[name]
    return group["MinSize"], group["DesiredCapacity"], group["MaxSize"]


def attached(service: Service) -> list[str]:
    """The groups that a target group names, in order."""
    return sorted(name for name, group in service.groups().items() if group["TargetGroupARNs"])


def resize(service: Service, name: str, **sizes: int) -> None:
    """Somebody else, or the group's own policies, change its sizes (MinSize, DesiredCapacity, MaxSize)."""
    service.place.client("autoscaling").update_auto_scaling_group(AutoScalingGroupName=name, **sizes)
    wanted = sizes.get("DesiredCapacity")

    def there() -> bool:
        members: list[Any] = service.groups()[name]["Instances"]
        return wanted is None or [member["LifecycleState"] for member in members] == ["InService"] * wanted

    wait_for(there, f"{name} to have {wanted} instances")


def delete(service: Service, name: str) -> None:
    """Somebody else deletes a group."""
    service.place.client("autoscaling").delete_auto_scaling_group(AutoScalingGroupName=name, ForceDelete=True)
    wait_for(lambda: name not in service.groups(), f"{name} to be gone")
