"""A lab on a lite cloud for the tests of the rig."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from apps.cloud.aws import session
from tests.faults import cloud as forked
from tests.faults.cells import Lab
from tests.faults.cloud import ForkedCloud
from tests.faults.surroundings import aws


@pytest.fixture(scope="session")
def forked_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForkedCloud]:
    """One for the whole run."""
    running = forked.start(tmp_path_factory.mktemp("forked"))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def _lab(forked_cloud: ForkedCloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One for all tests of a module: accounts and fault-free runs serve again."""
    with aws(forked_cloud):
        session.forget()
        lab = Lab(forked_cloud, tmp_path_factory.mktemp("lab"))
        yield lab
        lab.forget_rows()


@pytest.fixture
def lab(_lab: Lab, transactional_db: None) -> Lab:
    _lab.forget_rows()
    return _lab
