"""Fencing of changing calls: AWS cannot be fenced, so none is sent that could outlive its caller's lease."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from contextvars import ContextVar

from apps.cloud.errors import LeaseTooShort

CONNECT_TIMEOUT = 3.0  # seconds
READ_TIMEOUT = 10.0  # seconds
CALL_TIMEOUT = CONNECT_TIMEOUT + READ_TIMEOUT + 2.0  # the longest one request can take, finding the address included

_deadline: ContextVar[float | None] = ContextVar("changing_calls_deadline", default=None)


@contextlib.contextmanager
def changing_calls_before(monotonic_deadline: float) -> Iterator[None]:
    """Within, a changing call that could end after the deadline (time.monotonic()) raises LeaseTooShort unsent.

    A lease that was renewed is told by a further `with` inside. Threads started within do not inherit it.
    """
    token = _deadline.set(monotonic_deadline)
    try:
        yield
    finally:
        _deadline.reset(token)


def check_lease(operation: str) -> None:
    """Raises LeaseTooShort when less than CALL_TIMEOUT is left of the deadline in force."""
    deadline = _deadline.get()
    if deadline is None:
        return
    left = deadline - time.monotonic()
    if left < CALL_TIMEOUT:
        raise LeaseTooShort(
            f"{operation} was not sent: the lease ends in {max(left, 0):.1f} s, a call may take {CALL_TIMEOUT:.0f} s.",
            operation=operation,
        )
