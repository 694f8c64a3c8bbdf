"""A worker's own clock, set forward at will: whoever sleeps does not, and a lease ends as if time had passed."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from types import ModuleType
from typing import Any
from unittest.mock import patch

from apps.cloud.aws import buckets, guard, pace, session
from apps.workflows import lease

READERS: tuple[ModuleType, ...] = (buckets, guard, pace, session, lease)  # what asks a worker's clock


class Clock:
    """Stands for the module `time` where a worker asks it."""

    def __init__(self) -> None:
        self.ahead = 0.0  # seconds

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead

    def sleep(self, seconds: float) -> None:
        self.ahead += seconds

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)

    @contextlib.contextmanager
    def worn(self) -> Iterator[None]:
        """Within, everything that asks a worker's clock asks this one."""
        with contextlib.ExitStack() as stack:
            for module in READERS:
                if "time" in vars(module):
                    stack.enter_context(patch.object(module, "time", self))
            yield
