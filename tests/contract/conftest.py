"""Where the suite runs (the embedded cloud, or AWS by hand) and what each test builds there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.localcloud import launch
from apps.localcloud.launch import RunningCloud
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
    yield from _stack(request, tmp_path_factory, "cloud")


@pytest.fixture(scope="session")
def quick_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCloud]:
    """An embedded cloud without processes, on which what Auto Scaling counts in minutes takes a fifth of a second."""
    work = Path(tmp_path_factory.mktemp("quick"))
    running = launch.start(work, lite=True, boot_seconds=0.02, scaling_divisor=300)
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture
def quick(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """As `stack`, for what is about time and not about traffic."""
    yield from _stack(request, tmp_path_factory, "quick_cloud")


def _stack(request: pytest.FixtureRequest, folders: pytest.TempPathFactory, on: str) -> Iterator[Stack]:
    made = Aws() if ON_AWS else Embedded(new_place(request.getfixturevalue(on)), folders.mktemp("trees"))
    try:
        yield made
    finally:
        made.clean_up()
