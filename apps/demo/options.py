"""What can be chosen when the demo is started; make passes ARGS on: make demo ARGS="--port 9000"."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from apps.demo.folders import FOLDER


@dataclass(frozen=True)
class Options:
    folder: Path
    port: int | None  # None: the first free one from 8000 on
    rate: float  # requests a second to each load balancer
    boot_seconds: float  # how long an instance of the embedded cloud takes to boot
    fresh: bool  # leave nothing of an earlier demo
    end_with_parent: bool  # stop when make, or whatever started us, is killed


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"{number} is no port: 0 to 65535")
    return number


def parse(arguments: Sequence[str] | None = None) -> Options:
    """The options on the command line; argparse ends the process on a wrong one."""
    parser = argparse.ArgumentParser(prog="python -m apps.demo", description="The whole console on one machine.")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where all is kept (default: var)")
    parser.add_argument("--port", type=_port, help="the console's port; 0 for any (default: the first free from 8000)")
    parser.add_argument("--rate", type=float, default=25.0, help="requests a second to each sample (default: 25)")
    parser.add_argument("--boot-seconds", type=float, default=2.0, help="boot time of an instance (default: 2)")
    parser.add_argument(
        "--fresh", action="store_true", help="start anew, instead of going on where the last one stopped"
    )
    parser.add_argument("--end-with-parent", action="store_true", help="stop when the process that started this ends")
    return Options(**vars(parser.parse_args(arguments)))
