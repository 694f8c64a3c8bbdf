"""Workers that are processes, one at a time: as soon as one ends the next is there, forked in milliseconds.

Each tells its pid on the standard output, a line each, and advances whatever is due until it is killed.
"""

from __future__ import annotations

import os
import signal
import time

import django

from apps.localcloud.prctl import die_with_parent

PAUSE = 0.02  # seconds between looks for work


def main() -> None:
    """Until it is killed itself; its worker goes with it."""
    django.setup()
    parent = os.getpid()
    while True:
        worker = os.fork()
        if worker == 0:
            die_with_parent(parent, signal.SIGKILL)
            _work()
        print(worker, flush=True)
        os.waitpid(worker, 0)


def _work() -> None:
    from apps.workflows.services.advance import advance, due

    while True:
        for run in due():
            advance(run)
        time.sleep(PAUSE)


if __name__ == "__main__":
    main()
