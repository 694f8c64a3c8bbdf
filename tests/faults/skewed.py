"""`python -m tests.faults.skewed SECONDS ...`: Celery in a process whose clock is ahead by so many seconds."""

from __future__ import annotations

import datetime
import sys
import time


def main() -> None:
    """Sets the clock forward for everything imported from now on, then runs Celery with the other arguments."""
    ahead = float(sys.argv[1])
    real_time, real = time.time, datetime.datetime

    class Alike(type):
        """Every moment is an instance, whichever class made it."""

        def __instancecheck__(cls, instance: object) -> bool:
            return isinstance(instance, real)

    class Ahead(real, metaclass=Alike):  # type: ignore[misc, valid-type]
        """`datetime` whose now is later."""

        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:
            return real.now(tz) + datetime.timedelta(seconds=ahead)

        @classmethod
        def utcnow(cls) -> datetime.datetime:
            return real.now(datetime.UTC).replace(tzinfo=None) + datetime.timedelta(seconds=ahead)

    time.time = lambda: real_time() + ahead
    datetime.datetime = Ahead  # type: ignore[misc]
    from celery.__main__ import main as celery

    sys.argv = ["celery", *sys.argv[2:]]
    celery()


if __name__ == "__main__":
    main()
