"""A process of the matrix: its own lite cloud, database and broker; does what it is told on its standard input.

`cells SLUG` is answered with the cells of an operation, `run CELL` with how it went, `sequences COUNT SEED` with what
went wrong in so many random ones (nothing: ""), each as one line of JSON.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import io
import json
import logging
import os
import random
import sys
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import Any
from unittest.mock import patch

COLLECTED_EVERY = 50_000  # objects more: Python's own 700 is a tenth of a cell's time
TRIES = 12  # until a person is asked, more than a fault that passes lasts; the engine's own 40 are as many looks
PATIENCE = 300.0  # seconds for a run to end: a lab gets what the street leaves of the machine


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Carry out cells of the matrix as told on standard input.")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--seed", type=int, required=True)
    options = parser.parse_args()
    set_up()
    from botocore.auth import SigV4Auth

    from apps.workflows.services import tick
    from tests.faults import cloud, workers
    from tests.faults.cells import Lab, cell
    from tests.faults.plain import unsigned
    from tests.faults.surroundings import aws

    workers.WITHIN, tick.PASSING_LIMIT = PATIENCE, TRIES
    running = cloud.start(options.folder / "cloud")
    try:
        with aws(running), patch.object(SigV4Auth, "add_auth", unsigned):
            lab = Lab(running, options.folder)
            gc.freeze()
            gc.set_threshold(COLLECTED_EVERY)
            for line in sys.stdin:
                word, _, what = line.strip().partition(" ")
                random.seed(f"{options.seed} {what}")
                if word == "cells":
                    _say([str(each) for each in lab.cells(what)])
                elif word == "sequences":
                    _say(_random(lab, *map(int, what.split())))
                else:
                    _say({**asdict(lab.run(cell(what))), "cell": what})
    finally:
        running.stop()


def _random(lab: Any, count: int, seed: int) -> str:
    """What went wrong in random sequences; empty if nothing did."""
    from tests.faults.sequences import run_random

    lab.leave()
    told = io.StringIO()
    try:
        with contextlib.redirect_stdout(told):
            run_random(lab.worlds, seed, count)
    except Exception:  # noqa: BLE001 -- whatever comes out, it failed by it
        return f"{traceback.format_exc()}\n{told.getvalue()}"
    return ""


def set_up() -> None:
    """Django, with an empty database that has every table."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deployconsole.settings")
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    logging.disable(logging.CRITICAL)


def _say(what: Any) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    main()
