"""An embedded cloud for tests: one a session, started when first asked for, with an account of its own for each test.

Use it from any folder's conftest: `from tests.cloud_fixture import Place, cloud, place` (importing registers them).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.config import Config
from botocore.loaders import create_loader

from apps.localcloud import launch
from apps.localcloud.launch import RunningCloud

_ACCOUNTS = itertools.count(200_000_000_000)
_MODELS = create_loader()
_RUNNING = pytest.StashKey[RunningCloud]()
_NO_RETRIES = Config(retries={"total_max_attempts": 1})
_OF_S3 = _NO_RETRIES.merge(Config(signature_version="s3v4"))  # else it presigns as of old


@pytest.fixture(scope="session")
def cloud(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> RunningCloud:
    """The session's embedded cloud: instances boot in 0.2 s, health checks run ten times as often as asked.

    One for the whole run, though pytest counts the fixture once for each module that imports it.
    """
    running = pytestconfig.stash.get(_RUNNING, None)
    if running is None:
        work = Path(tmp_path_factory.mktemp("cloud"))
        running = launch.start(work, boot_seconds=0.2, health_check_divisor=10)
        pytestconfig.stash[_RUNNING] = running
        pytestconfig.add_cleanup(running.stop)
    return running


def boto3_session(region: str, key_id: str, secret: str, token: str | None = None) -> boto3.Session:
    """A session that shares the parsed service models with all others: parsing EC2's takes half a second."""
    core = botocore.session.Session()
    core.register_component("data_loader", _MODELS)
    return boto3.Session(key_id, secret, token, region_name=region, botocore_session=core)


@dataclass(frozen=True)
class Place:
    """One account and region, as the console sees it: by an assumed role."""

    endpoint: str
    access_key_id: str
    secret_access_key: str
    account: str
    region: str

    @property
    def role_arn(self) -> str:
        return f"arn:aws:iam::{self.account}:role/console"

    @cached_property
    def session(self) -> boto3.Session:
        root = boto3_session(self.region, self.access_key_id, self.secret_access_key)
        sts = root.client("sts", endpoint_url=self.endpoint)
        given = sts.assume_role(RoleArn=self.role_arn, RoleSessionName="tests")["Credentials"]
        return boto3_session(self.region, given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])

    @cached_property
    def _clients(self) -> dict[str, Any]:
        return {}

    def client(self, service: str) -> Any:
        """A boto3 client without retries, made once: a test wants to see the first answer."""
        if service not in self._clients:
            make: Any = self.session.client
            config = _OF_S3 if service == "s3" else _NO_RETRIES
            self._clients[service] = make(service, endpoint_url=self.endpoint, config=config)
        return self._clients[service]


def new_place(running: RunningCloud | Place, region: str = "us-east-1", account: str = "") -> Place:
    """A place in `account`, or in one that nobody has used, of a cloud or of another place's."""
    return Place(
        endpoint=running.endpoint,
        access_key_id=running.access_key_id,
        secret_access_key=running.secret_access_key,
        account=account or str(next(_ACCOUNTS)),
        region=region,
    )


@pytest.fixture
def place(cloud: RunningCloud) -> Place:
    """An empty account in us-east-1."""
    return new_place(cloud)
