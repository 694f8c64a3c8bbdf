"""The process of the matrix that carries out cells with real processes, several at a time; see `laboratory`.

`cells` is answered with all of them; each `run CELL` with how it went, in any order, ended by `go`.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.faults.laboratory import set_up
from tests.faults.stage import AT_ONCE, Stage

_out = threading.Lock()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Carry out cells of the matrix with real processes.")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--seed", type=int, required=True)
    folder: Path = parser.parse_args().folder
    folder.chmod(0o711)
    stage = Stage(folder)
    try:
        stage.start_servers()
        set_up()
        stage.start_workers()
        _answer(stage)
    finally:
        stage.stop()


def _answer(stage: Stage) -> None:
    from tests.faults import workers
    from tests.faults.cells import cell
    from tests.faults.parts import PARTS
    from tests.faults.real import WITHIN, RealLab

    workers.look = lambda run: run.refresh_from_db()  # real workers do it
    workers.WITHIN = WITHIN
    logging.disable(logging.CRITICAL)
    lab = RealLab(stage)
    alone: list[str] = []
    with ThreadPoolExecutor(AT_ONCE) as pool:

        def run(what: str) -> None:
            from django.db import connection

            _say({**asdict(lab.run(cell(what))), "cell": what})
            connection.close()

        for line in sys.stdin:
            word, _, what = line.strip().partition(" ")
            if word == "cells":
                _say([str(each) for each in lab.cells()])
            elif word == "go":
                break
            elif what.rsplit(":", 1)[1] in PARTS:
                alone.append(what)
            else:
                pool.submit(run, what)
    for what in alone:  # what strikes a part strikes every run
        run(what)


def _say(what: Any) -> None:
    with _out:
        print(json.dumps(what), flush=True)


if __name__ == "__main__":
    main()
