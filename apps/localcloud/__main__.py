"""`python -m apps.localcloud --work DIR`: an embedded cloud until SIGTERM or SIGINT; its address and key in DIR."""

from __future__ import annotations

import argparse
import gc
import logging
import os
import signal
import threading
from dataclasses import fields
from pathlib import Path

from apps.localcloud.control import Control
from apps.localcloud.options import DESCRIPTION, Options
from apps.localcloud.prctl import die_with_parent

COLLECTED_EVERY = 20_000  # objects more


def main() -> None:
    """Starts, waits for a signal, leaves nothing behind."""
    arguments = _arguments()
    logging.basicConfig(level=arguments.log_level, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    if arguments.parent:
        die_with_parent(arguments.parent, signal.SIGTERM)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    control = Control(_options(arguments))
    try:
        control.start()
        gc.freeze()  # what was imported lasts: it need not be looked through again and again
        gc.set_threshold(COLLECTED_EVERY)
        print((arguments.work / DESCRIPTION).resolve(), flush=True)
        stopping.wait()
    finally:
        control.stop()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m apps.localcloud", description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="folder for images, logs and localcloud.json")
    parser.add_argument("--log-level", default=os.environ.get("LOCALCLOUD_LOG_LEVEL", "WARNING"))
    parser.add_argument("--parent", type=int, default=0, help="end when this process, our parent, ends")
    for option in fields(Options):
        flag = "--" + option.name.replace("_", "-")
        if option.name == "work":
            continue
        if isinstance(option.default, bool):
            parser.add_argument(flag, action="store_true", help=option.metadata["help"])
        else:
            parser.add_argument(flag, type=type(option.default), metavar="VALUE", help=option.metadata["help"])
    return parser.parse_args()


def _options(arguments: argparse.Namespace) -> Options:
    chosen = {option.name: getattr(arguments, option.name) for option in fields(Options)}
    for option in fields(Options):
        if chosen[option.name] is None:
            chosen[option.name] = option.metadata["lite"] if arguments.lite else option.default
    return Options(**chosen)


if __name__ == "__main__":
    main()
