"""A real service on the embedded cloud, known to the inventory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from apps.cloud.aws import session
from apps.cloud.aws.observe import observe
from apps.cloud.values import CallRecord
from apps.deployments.models import Deployment
from apps.deployments.steps.base import CloudStep
from apps.inventory.models import Cluster, Environment
from apps.inventory.services import refresh_cluster
from apps.localcloud.launch import RunningCloud
from apps.workflows.context import Context
from apps.workflows.services import advance
from tests.cloud_fixture import cloud
from tests.deployments.guarded import watch
from tests.world import Service, build, wait_for

__all__ = ["cloud"]

Drive = Callable[[Deployment], Deployment]


@pytest.fixture
def aws(cloud: RunningCloud, monkeypatch: pytest.MonkeyPatch) -> RunningCloud:
    """The console's own credentials and endpoint, as its environment gives them."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", cloud.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", cloud.secret_access_key)
    session.forget()
    return cloud


@pytest.fixture
def service(aws: RunningCloud, tmp_path: Path, transactional_db: None) -> Service:
    return known(build(aws, tmp_path))


def known(service: Service) -> Service:
    """Makes the service's environment and cluster known to the inventory."""
    environment = Environment.objects.create(
        name="prod",
        account_id=service.place.account,
        role_arn=service.place.role_arn,
        regions=[service.place.region],
    )
    refresh_cluster(environment, service.place.region, service.cluster)
    assert Cluster.objects.get().name == service.cluster
    return service


@pytest.fixture
def drive() -> Drive:
    """Carries a deployment to its end in this process, as workers would."""

    def drive(deployment: Deployment) -> Deployment:
        def over() -> bool:
            advance(deployment.run_id)
            deployment.run.refresh_from_db()
            return deployment.run.ended or deployment.run.state == "needs_person"

        wait_for(over, f"deployment {deployment.pk} to end", 120)
        return deployment

    return drive


@pytest.fixture(autouse=True)
def declared(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, set[str]]]:
    """Whatever a step calls on AWS, in any of these tests, is among the calls that its kind, or its driver, declares.

    Answers the calls seen so far, by step kind.
    """
    seen: dict[str, set[str]] = {}
    undeclared: set[tuple[str, str]] = set()
    real = CloudStep._carry_out

    def watched(self: CloudStep, context: Context, *args: Any) -> Any:
        allowed = self.calls_for(context.params)

        def note(call: CallRecord) -> None:
            seen.setdefault(self.slug, set()).add(call.action)
            if call.action not in allowed:
                undeclared.add((self.slug, call.action))

        with observe(note):
            return real(self, context, *args)

    monkeypatch.setattr(CloudStep, "_carry_out", watched)
    yield seen
    assert not undeclared, f"calls that neither step kind nor driver declares: {sorted(undeclared)}"


@pytest.fixture(autouse=True)
def guarded(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever takes capacity out of service, in any of these tests, does so after the traffic guard was asked."""
    watched = watch(monkeypatch)
    yield
    assert not watched.unguarded, f"calls without the traffic guard: {sorted(watched.unguarded)}"
