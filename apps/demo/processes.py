"""`python -m apps.demo.processes [NAME]`: which process is which in a running demo, for whoever wants to kill one.

kill -9 $(.venv/bin/python -m apps.demo.processes worker)
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from apps.demo.folders import FOLDER, Folders

SUPERVISOR = "demo"  # the process that starts the others


def write(path: Path, known: Mapping[str, int | None]) -> None:
    """Name to pid, under another name first, so that nobody reads half of it."""
    unfinished = path.with_suffix(".tmp")
    unfinished.write_text(json.dumps(known))
    unfinished.rename(path)


def read(path: Path) -> dict[str, int]:
    """What `write` wrote, as far as it still holds: a pid may belong to somebody else once the demo has ended."""
    try:
        known: dict[str, int | None] = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    demo = known.get(SUPERVISOR)
    return {name: pid for name, pid in known.items() if pid and (name == SUPERVISOR or _parent(pid) == demo)}


def _parent(pid: int) -> int | None:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    except OSError:
        return None


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the pid of NAME, or all names with their pids; answers 1 when there is none such."""
    parser = argparse.ArgumentParser(prog="python -m apps.demo.processes", description="The processes of a demo.")
    parser.add_argument("name", nargs="?", help="print the pid of this one alone")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="of the demo (default: var)")
    given = parser.parse_args(arguments)
    known = read(Folders(given.folder.resolve()).processes)
    if len(known) < 2:  # a supervisor without a child is none
        print(f"No demo runs in {given.folder}.", file=sys.stderr)
        return 1
    if given.name is None:
        for name, pid in known.items():
            print(f"{name:<12} {pid}")
    elif given.name in known:
        print(known[given.name])
    else:
        print(f"No process {given.name!r} runs; known are {', '.join(known)}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
