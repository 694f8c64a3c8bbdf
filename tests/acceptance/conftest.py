"""The product as its users have it: one running demo, asked by curl, command line, script and browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.acceptance.console import Console, Sample
from tests.demo.running import Demo, running


@pytest.fixture(scope="package")  # it ends before other tests begin, so that they have the machine
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One demo for all of these tests, its own traffic turned low so that the tests' clients are what is measured."""
    with running(tmp_path_factory.mktemp("acceptance"), "--rate", "2") as started:
        yield started.await_ready()


@pytest.fixture
def console(demo: Demo) -> Console:
    return Console(demo)


@pytest.fixture
def sample(console: Console) -> Sample:
    """A cluster that nobody changes now, back at its first version or not: its serving image is read anew."""
    return console.idle_sample()
