"""`python -m apps.demo` (`make demo`): the whole console with sample applications, until Ctrl-C or SIGTERM."""

from __future__ import annotations

import signal
import sys
import time
from types import FrameType
from typing import NoReturn

from apps.demo import lock, record, screen, start_up
from apps.demo.embedded import process
from apps.demo.folders import Folders
from apps.demo.house import House
from apps.demo.options import Options, parse

LOOK_EVERY = 0.25  # seconds
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Somebody asked us to stop. Not an Exception, so that nothing on the way swallows it."""


def main() -> int:
    """Answers the exit status: 0 when somebody stopped the demo, 1 when it could not start or go on."""
    options = parse()
    if options.end_with_parent:
        process.end_with_parent()
    folders = Folders(options.folder.resolve())
    for number in SIGNALS:
        signal.signal(number, _stop)
    try:
        with lock.held(folders.lock):
            _run(folders, options)
    except Stopped:
        screen.say("Stopped; nothing is left running.")
        return 0
    except (RuntimeError, OSError) as error:
        print(error, file=sys.stderr)
        return 1


def _run(folders: Folders, options: Options) -> NoReturn:
    """Never returns by itself: raises Stopped, or what went wrong."""
    began = time.monotonic()
    folders.clear()
    with House(folders, screen.say) as house:
        try:
            listener = start_up.open_listener(house, options)
            known = start_up.start(house, options, listener)
            record.write(folders.record, known)
            screen.welcome(known, time.monotonic() - began)
            while True:
                house.tend()
                time.sleep(LOOK_EVERY)
        finally:
            for number in SIGNALS:  # stopping is under way; asking twice does not make it quicker
                signal.signal(number, signal.SIG_IGN)
            screen.say("Stopping")
            folders.record.unlink(missing_ok=True)


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    raise Stopped


if __name__ == "__main__":
    sys.exit(main())
