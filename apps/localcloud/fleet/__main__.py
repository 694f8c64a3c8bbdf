"""Runs the fork server: `python -m apps.localcloud.fleet LINK-FD PARENT-PID TREES LOGS`, as `ForkFleet` does."""

from __future__ import annotations

import signal
import socket
import sys
from pathlib import Path

from apps.localcloud.fleet.forkserver import serve
from apps.localcloud.fleet.instance import become
from apps.localcloud.fleet.preload import preload


def main(arguments: list[str]) -> None:
    """The server's life, and from the fork on each instance's."""
    link, parent, trees, logs = arguments
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole terminal; control ends us in its order
    preload()
    birth = serve(socket.socket(fileno=int(link)), int(parent), Path(trees), Path(logs))
    if birth is not None:
        become(birth.spec, birth.tree, birth.log, birth.server, birth.running_fd)


if __name__ == "__main__":
    main(sys.argv[1:])
