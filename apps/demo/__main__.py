"""`python -m apps.demo` (`make demo`): the whole console with sample applications, until Ctrl-C or SIGTERM."""

from __future__ import annotations

import sys
import time
from typing import NoReturn

from apps.demo import lock, record, screen, start_up, surroundings
from apps.demo.embedded import process
from apps.demo.folders import Folders
from apps.demo.house import House
from apps.demo.options import Options, parse
from apps.demo.stopping import Stopped, Wish
from apps.localcloud import state_file

LOOK_EVERY = 0.25  # seconds


def main() -> int:
    """Answers the exit status: 0 when somebody stopped the demo, 1 when it could not start or go on."""
    options = parse()
    if options.end_with_parent:
        process.end_with_parent()
    folders, tables = Folders(options.folder.resolve()), surroundings.tables()  # before files may change
    wish = Wish()
    wish.listen()
    try:
        with lock.held(folders.lock):
            _run(folders, options, wish)
    except Stopped:
        _note_end(folders, tables)
        screen.say("Stopped; nothing is left running.")
        return 0
    except (RuntimeError, OSError) as error:
        print(error, file=sys.stderr)
        return 1


def _note_end(folders: Folders, tables: str) -> None:
    """What was ready once, and ended in order, can be gone on from."""
    if not folders.hidden.exists():
        return
    if state_file.find(folders.cloud):
        folders.ended.write_text(tables)
    else:
        screen.say("What its cloud held cannot be kept: the next start begins anew.")


def _run(folders: Folders, options: Options, wish: Wish) -> NoReturn:
    """Never returns by itself: raises Stopped, or what went wrong."""
    began = time.monotonic()
    resumes = not options.fresh and folders.resumable()
    if resumes:
        folders.tidy()
    else:
        folders.clear()
    with House(folders, screen.say, wish.check) as house:
        try:
            listener = start_up.open_listener(house, options)
            known = (start_up.resume if resumes else start_up.start)(house, options, listener)
            record.write(folders.record, known)
            screen.welcome(known, time.monotonic() - began, folders, resumed=resumes)
            while True:
                house.tend()
                time.sleep(LOOK_EVERY)
        finally:
            wish.fulfil()
            screen.say("Stopping")
            folders.record.unlink(missing_ok=True)
            folders.processes.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())
