"""One demo for all tests of this folder that need a ready one; test_stopping.py, the last by name, kills it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.demo.running import Demo, running


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running(tmp_path_factory.mktemp("demo")) as started:
        yield started.await_ready()
