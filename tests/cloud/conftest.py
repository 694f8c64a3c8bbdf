"""A scripted AWS, and the embedded one, each named by the environment as botocore reads it."""

import pytest
from hypothesis import settings

from apps.cloud.aws import buckets, clients, pace, shared
from apps.cloud.values import Target
from tests.cloud.scripted import serving
from tests.cloud_fixture import Place, cloud, place

__all__ = ["cloud", "place"]

settings.register_profile("cloud", deadline=None)  # how long an example takes says nothing on a busy machine
settings.load_profile("cloud")


def point_at(monkeypatch, endpoint, key, secret):
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", secret)


@pytest.fixture
def aws(monkeypatch):
    """An AWS that answers what the test says, to as many calls as one likes; earlier tests' clients are forgotten."""
    monkeypatch.setattr(pace, "_rates", pace.Rates(1000.0, 1000.0))
    monkeypatch.setattr(shared, "_client", None)
    buckets.forget()
    with serving() as (script, endpoint):
        point_at(monkeypatch, endpoint, "key", "secret")
        yield script
    clients.forget()


@pytest.fixture
def anywhere():
    """A target for the scripted AWS, with the console's own credentials."""
    return Target("123456789012", "us-east-1")


@pytest.fixture
def target(place: Place, monkeypatch):
    """An empty account of the embedded cloud, by an assumed role."""
    point_at(monkeypatch, place.endpoint, place.access_key_id, place.secret_access_key)
    yield Target(place.account, place.region, place.role_arn)
    clients.forget()
