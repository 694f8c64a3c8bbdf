"""An environment in the embedded cloud, and the console's credentials for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.cloud.aws import clients
from apps.cloud.values import Target
from apps.inventory.models import Environment
from tests.cloud_fixture import Place, place
from tests.deployments.lite import cloud
from tests.inventory.shop import Shop, usual_shop

__all__ = ["cloud", "place"]


@pytest.fixture
def target(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[Target]:
    """The place as a target; AWS_* in the environment name the embedded cloud."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", place.endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", place.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", place.secret_access_key)
    yield Target(place.account, place.region, place.role_arn)
    clients.forget()


@pytest.fixture
def environment(target: Target, db: None) -> Environment:
    return Environment.objects.create(
        name="test", account_id=target.account, role_arn=target.role_arn, regions=[target.region]
    )


@pytest.fixture
def shop(place: Place, environment: Environment, tmp_path: Path) -> Shop:
    """The usual shop, in the environment."""
    return usual_shop(place, tmp_path)
