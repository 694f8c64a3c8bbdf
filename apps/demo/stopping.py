"""How the demo is asked to stop: SIGINT, SIGTERM or SIGHUP."""

from __future__ import annotations

import signal
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Somebody asked us to stop. Not an Exception, so that nothing on the way swallows it."""


class Wish:
    """Raises Stopped as soon as a signal comes, and, should that be lost, at the next `check`.

    It is lost where Python ignores exceptions: in what runs around a fork, and in finalizers.
    """

    def __init__(self) -> None:
        self._asked = False

    def listen(self) -> None:
        for number in SIGNALS:
            signal.signal(number, self._ask)

    def check(self) -> None:
        """Raises Stopped if somebody asked."""
        if self._asked:
            raise Stopped

    def fulfil(self) -> None:
        """Stopping is under way: asking twice does not make it quicker."""
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        if not self._asked:
            self._asked = True
            raise Stopped
