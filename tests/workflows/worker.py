"""A worker of its own process, for tests that kill, stop or misdate one: it advances what is due, until it is ended.

`FOLDER` is where it tells what it does; `CLOCK_OFF`, if given, by how many seconds its clock is wrong.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import django
from django.utils import timezone

FOLDER = Path(os.environ.get("FOLDER", "."))
PAUSE = 0.05  # seconds between looks for work


def tell(what: str) -> None:
    (FOLDER / f"{what}-{os.getpid()}").touch()


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
            first = not any(FOLDER.glob("looking-*"))
            tell("looking")
            while first and not (FOLDER / "go").exists():
                time.sleep(PAUSE)
            return Done(facts={"by": os.getpid()})

    @kinds.register
    class Waits(kinds.StepKind):
        slug = "test-waits"

        def run(self, context: Context) -> Outcome:
            return Wait(0.5, "waiting") if context.elapsed < 0.5 else Done()


def main() -> None:
    django.setup()
    misdate(float(os.environ.get("CLOCK_OFF", "0")))
    from apps.workflows.services.advance import advance, due

    learn()
    tell("ready")
    while True:
        for run in due():
            advance(run)
            tell("advanced")
        time.sleep(PAUSE)


if __name__ == "__main__":
    main()
