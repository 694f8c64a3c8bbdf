"""Where the suite runs (the embedded cloud, or AWS by hand) and what each test builds there."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.cloud_fixture import cloud, new_place
from tests.contract.stack import Aws, Embedded, Stack

__all__ = ["cloud"]

ON_AWS = bool(os.environ.get("CONTRACT_AWS"))


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "shape: known from the API reference that botocore carries")
    config.addinivalue_line("markers", "documented: known from AWS's guides or from use, not looked up here")


@pytest.fixture
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """An empty account (on AWS: yours), and whatever the test made there is gone afterwards."""
    if ON_AWS:
        made: Stack = Aws()
    else:
        made = Embedded(new_place(request.getfixturevalue("cloud")), tmp_path_factory.mktemp("trees"))
    try:
        yield made
    finally:
        made.clean_up()
