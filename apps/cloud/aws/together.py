"""Reads of AWS side by side: each in a thread, told to the observers of who asked, in the thread of who asked."""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, ParamSpec, Protocol, TypeVar

from apps.cloud.aws.observe import collected, report
from apps.cloud.values import CallRecord

SIDE_BY_SIDE = "reads"  # how the names of such threads begin
AT_ONCE = 6  # of a plan's reads: more of them do not wait for one another

T = TypeVar("T")
P = ParamSpec("P")


class Reading(Generic[T]):
    """A read on its way. Errors are raised by `result`."""

    def __init__(self, future: Future[T], calls: list[CallRecord]) -> None:
        self._future, self._calls = future, calls

    def result(self) -> T:
        try:
            return self._future.result()
        finally:
            told, self._calls[:] = list(self._calls), []
            for call in told:
                report(call)


class Ask(Protocol):
    def __call__(self, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Reading[T]: ...


@contextlib.contextmanager
def together() -> Iterator[Ask]:
    """Within, reads that are asked for begin at once. A read must not use the database: a thread has no part in it."""
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix=SIDE_BY_SIDE)

    def ask(read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Reading[T]:
        calls: list[CallRecord] = []

        def within() -> T:
            with collected(calls):
                return read(*args, **kwargs)

        return Reading(pool.submit(contextvars.copy_context().run, within), calls)

    try:
        yield ask
    finally:
        pool.shutdown(cancel_futures=True)
