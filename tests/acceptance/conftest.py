"""The product as its users have it: one running demo, asked by curl, command line, script and browser."""

from __future__ import annotations

import pytest

from tests.acceptance.console import Console, Sample
from tests.demo.running import Demo


@pytest.fixture
def console(demo: Demo) -> Console:
    return Console(demo)


@pytest.fixture
def sample(console: Console) -> Sample:
    """A cluster that nobody changes now, back at its first version or not: its serving image is read anew."""
    return console.idle_sample()
