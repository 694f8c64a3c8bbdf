"""How the demo is asked to stop: by SIGINT, SIGTERM or SIGHUP, or by closing its terminal."""

from __future__ import annotations

import select
import signal
import sys
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
        self._terminal: select.poll | None = None

    def listen(self) -> None:
        """Begins to heed signals; SIGHUP only where nohup has not switched it off."""
        for number in SIGNALS:
            if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._ask)
        if sys.stdout.isatty():
            self._terminal = select.poll()
            self._terminal.register(sys.stdout, 0)  # hanging up is told unasked

    def check(self) -> None:
        """Raises Stopped if somebody asked, or closed the terminal: the kernel tells only its first process of that."""
        if self._asked or (self._terminal and self._terminal.poll(0)):
            raise Stopped

    def fulfil(self) -> None:
        """Stopping is under way: asking twice does not make it quicker."""
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        if not self._asked:
            self._asked = True
            raise Stopped
