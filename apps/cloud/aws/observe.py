"""Tells whoever listens of every call made: deployments keep them with each step, benchmarks count them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar

from apps.cloud.values import CallRecord

Observer = Callable[[CallRecord], None]

_observers: ContextVar[tuple[Observer, ...]] = ContextVar("cloud_call_observers", default=())


@contextlib.contextmanager
def observe(observer: Observer) -> Iterator[None]:
    """Within, `observer` is called after each call, in the calling thread; it must be quick and not raise."""
    token = _observers.set((*_observers.get(), observer))
    try:
        yield
    finally:
        _observers.reset(token)


@contextlib.contextmanager
def collected(calls: list[CallRecord]) -> Iterator[None]:
    """Within, calls are only noted: for a thread, whose observers are to be told by who started it."""
    token = _observers.set((calls.append,))
    try:
        yield
    finally:
        _observers.reset(token)


def report(record: CallRecord) -> None:
    """Tells every observer in force of one call."""
    for observer in _observers.get():
        observer(record)
