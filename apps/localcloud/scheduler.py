"""The engine's clockwork: one thread that runs what is due, under the cloud's lock, and otherwise sleeps."""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable, Hashable

log = logging.getLogger(__name__)

Task = Callable[[], None]
Waiting = tuple[float, Task, Hashable | None]  # seconds until it is due, below 0 if it is late


class Scheduler:
    """Runs tasks at their time, each holding `lock` for itself alone, so that requests come between two tasks.

    A task given a `key` replaces an earlier one of that key if it is due sooner, and is dropped if it is due later:
    a group marked changed a hundred times is looked at once.
    """

    def __init__(self, lock: threading.RLock) -> None:
        self._lock = lock
        self._wake = threading.Condition()
        self._heap: list[tuple[float, int, Hashable | None, Task, bool]] = []
        self._due_by_key: dict[Hashable, float] = {}
        self._counter = itertools.count()
        self._stopping = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Also after a stop: what has become due meanwhile is run at once."""
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        with self._wake:
            self._stopping = True
            self._wake.notify()
        if self._thread:
            self._thread.join(timeout=10)

    def after(self, delay: float, task: Task, key: Hashable | None = None, *, kept: bool = True) -> None:
        """Runs `task` in `delay` seconds. Never blocks for long; may be called from any thread.

        `kept`: it goes on after a restart of the cloud, so it is a function of a module, with `functools.partial`.
        """
        due = time.monotonic() + delay
        with self._wake:
            if key is not None:
                if self._due_by_key.get(key, float("inf")) <= due:
                    return
                self._due_by_key[key] = due
            heapq.heappush(self._heap, (due, next(self._counter), key, task, kept))
            self._wake.notify()

    def waiting(self) -> list[Waiting]:
        """What is to go on after a restart, in its order."""
        with self._wake:
            moment = time.monotonic()
            return [
                (due - moment, task, key)
                for due, _, key, task, kept in sorted(self._heap, key=lambda entry: entry[:2])
                if kept and (key is None or self._due_by_key.get(key) == due)
            ]

    def _run(self) -> None:
        while (task := self._next()) is not None:
            try:
                with self._lock:
                    task()
            except Exception:  # one broken task must not stop the whole cloud; the log names it
                log.exception("engine task failed")

    def _next(self) -> Task | None:
        with self._wake:
            while not self._stopping:
                wait = self._heap[0][0] - time.monotonic() if self._heap else None
                if wait is not None and wait <= 0:
                    due, _, key, task, _ = heapq.heappop(self._heap)
                    if key is None or self._due_by_key.get(key) == due:
                        self._due_by_key.pop(key, None)
                        return task
                    continue
                self._wake.wait(wait)
            return None
