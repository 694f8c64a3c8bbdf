"""Fencing of changing calls: AWS cannot be fenced, so none is sent that could outlive its caller's lease.

Nor is one sent while somebody only looks, at what may be a moment old.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar

from apps.cloud.errors import LeaseTooShort

CONNECT_TIMEOUT = 3.0  # seconds
READ_TIMEOUT = 10.0  # seconds
CALL_TIMEOUT = CONNECT_TIMEOUT + READ_TIMEOUT + 2.0  # the longest one request can take, finding the address included


class ReadAgain(Exception):
    """A changing call was about to be made from what may be a moment old: look again, afresh. It was not sent."""


Fence = Callable[[], float]

_fence: ContextVar[Fence | None] = ContextVar("changing_calls_fence", default=None)

_looking: ContextVar[bool] = ContextVar("looking_only", default=False)


@contextlib.contextmanager
def looking_only() -> Iterator[None]:
    """Within, what others have just read is good enough (see `polls`), and a changing call raises ReadAgain."""
    token = _looking.set(True)
    try:
        yield
    finally:
        _looking.reset(token)


def only_looking() -> bool:
    """Whether the caller is within `looking_only`."""
    return _looking.get()


def refuse_while_looking(operation: str) -> None:
    """Raises ReadAgain within `looking_only`."""
    if _looking.get():
        raise ReadAgain(operation)


@contextlib.contextmanager
def changing_calls_before(fence: Fence) -> Iterator[None]:
    """Within, a changing call that could end after the time `fence` answers (time.monotonic()) raises LeaseTooShort.

    It is asked just before each such call, so it may renew the lease first. Threads started within do not inherit it.
    """
    token = _fence.set(fence)
    try:
        yield
    finally:
        _fence.reset(token)


def check_lease(operation: str) -> None:
    """Raises LeaseTooShort when less than CALL_TIMEOUT is left of the deadline in force."""
    fence = _fence.get()
    if fence is None:
        return
    left = fence() - time.monotonic()
    if left < CALL_TIMEOUT:
        raise LeaseTooShort(
            f"{operation} was not sent: the lease ends in {max(left, 0):.1f} s, a call may take {CALL_TIMEOUT:.0f} s.",
            operation=operation,
        )
