"""Workers that are processes, for tests that kill, stop or misdate one: each advances what is due, until it is ended.

A line of standard input, `FOLDER SECONDS`, has one forked, in milliseconds, and its pid told: FOLDER is where it tells
what it does, SECONDS by how many its clock is wrong.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import django
from django.utils import timezone

from apps.localcloud.prctl import die_with_parent

folder = Path()
PAUSE = 0.05  # seconds between looks for work


def tell(what: str) -> None:
    (folder / f"{what}-{os.getpid()}").touch()


def misdate(seconds: float) -> None:
    """Makes this process believe that it is later than it is."""
    clock, now = time.time, timezone.now
    time.time = lambda: clock() + seconds
    timezone.now = lambda: now() + timezone.timedelta(seconds=seconds)  # type: ignore[attr-defined]


def learn() -> None:
    """The step kinds of these tests."""
    from apps.workflows import kinds
    from apps.workflows.context import Context
    from apps.workflows.plans import Done, Outcome, Wait

    @kinds.register
    class Blocks(kinds.StepKind):
        """The first worker that looks hangs until the file `go` is there; others are done at once."""

        slug = "test-blocks"

        def run(self, context: Context) -> Outcome:
            first = not any(folder.glob("looking-*"))
            tell("looking")
            while first and not (folder / "go").exists():
                time.sleep(PAUSE)
            return Done(facts={"by": os.getpid()})

    @kinds.register
    class Waits(kinds.StepKind):
        slug = "test-waits"

        def run(self, context: Context) -> Outcome:
            return Wait(0.5, "waiting") if context.elapsed < 0.5 else Done()


def main() -> None:
    """Until its input ends; its workers go with it."""
    django.setup()
    from apps.workflows.services import advance as _  # noqa: F401 -- read once, for all workers

    learn()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    parent = os.getpid()
    for line in sys.stdin:
        where, off = line.split()
        pid = os.fork()
        if pid == 0:
            die_with_parent(parent, signal.SIGKILL)
            _work(Path(where), float(off))
        print(pid, flush=True)


def _work(where: Path, off: float) -> None:
    global folder
    from apps.workflows.services.advance import advance, due

    folder = where
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    misdate(off)
    tell("ready")
    while True:
        for run in due():
            advance(run)
            tell("advanced")
        time.sleep(PAUSE)


if __name__ == "__main__":
    main()
