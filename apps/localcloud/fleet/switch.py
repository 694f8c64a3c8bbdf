"""What is on a machine's PATH before the system's own: `shutdown`, `poweroff` and `halt`, and its Python.

The first three send the machine's own first process the signal that says so, which any of its processes may: it ends by
it, and whoever sees it end knows why. `python3` is the interpreter that runs all services here; a machine whose user
may not enter its folder has the system's.
"""

from __future__ import annotations

import sys
from pathlib import Path

from apps.localcloud.interfaces import SWITCHED_OFF

FOLDER = "bin"  # beside the machines' trees
_NAMES = ("shutdown", "poweroff", "halt")
_SCRIPT = """#!/bin/sh
# Switches this machine off. Its first process is the one whose parent is {server}, which starts all machines.
for word in "$@"; do
  case "$word" in
    now | +0 | -h | -H | -P | -p | -f | --halt | --poweroff | --force | --no-wall) ;;
    *) echo "${{0##*/}}: machines here are switched off at once and for good: shutdown -h now" >&2; exit 1 ;;
  esac
done
parent() {{
  while read -r name value _; do
    [ "$name" = PPid: ] && echo "$value" && return
  done < "/proc/$1/status"
}} 2>/dev/null
first=$$
tries=0
until above=$(parent "$first") && [ "$above" = {server} ]; do
  tries=$((tries + 1))
  [ "$tries" -lt 100 ] || exit 1
  first=${{above:-$$}} # from the beginning again, when one of them has ended meanwhile
done
kill -{signal} "$first"
"""


def provide(trees: Path, server: int) -> None:
    """Lays the commands beside the trees, for machines whose first process is a child of `server`."""
    folder = trees / FOLDER
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    for name in _NAMES:
        command = folder / name
        command.write_text(_SCRIPT.format(server=server, signal=-SWITCHED_OFF))
        command.chmod(0o755)
    python = folder / "python3"
    python.unlink(missing_ok=True)
    python.symlink_to(Path(sys.executable).resolve())
