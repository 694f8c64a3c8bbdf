"""What several checks read of AWS, each read once, whoever asks first."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar, cast

T = TypeVar("T")


class Readings:
    """Answers of one look. Whoever asks for what is being read waits for it; an error is everybody's."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: dict[str, Future[Any]] = {}

    def once(self, name: str, read: Callable[[], T]) -> T:
        """The answer of `read`, which is called by the first who asks under this name. Raises what it raised."""
        with self._lock:
            future = self._found.get(name)
            first = future is None
            if future is None:
                future = self._found[name] = Future()
        if first:
            try:
                future.set_result(read())
            except BaseException as error:  # noqa: BLE001 -- it is raised below, to everybody who asked or will
                future.set_exception(error)
        return cast("T", future.result())
