"""A real service on the embedded cloud, known to the inventory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from apps.cloud.aws import session
from apps.deployments.models import Deployment
from apps.inventory.models import Cluster, Environment
from apps.inventory.services import refresh_cluster
from apps.localcloud.launch import RunningCloud
from apps.workflows.services import advance
from tests.cloud_fixture import cloud
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
