"""A lab on a lite cloud for the tests of the rig."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from apps.cloud.aws import session
from apps.localcloud.launch import RunningCloud
from tests.deployments.lite import cloud
from tests.faults.cells import Lab
from tests.faults.surroundings import aws

__all__ = ["cloud"]


@pytest.fixture(scope="module")
def _lab(cloud: RunningCloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One for all tests of a module: accounts, clients and fault-free runs serve again."""
    with aws(cloud):
        session.forget()
        yield Lab(cloud, tmp_path_factory.mktemp("lab"))


@pytest.fixture
def lab(_lab: Lab, transactional_db: None) -> Lab:
    _lab.forget_rows()
    return _lab
