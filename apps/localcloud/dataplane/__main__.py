"""Runs the data plane: `python -m apps.localcloud.dataplane LINK-FD PARENT-PID IDLE-SECONDS CONNECT-SECONDS`.

Started by `ProxyDataPlane` only, which holds the other end of the socket pair; it ends when that closes.
"""

from __future__ import annotations

import gc
import signal
import socket
import sys

import uvloop

from apps.localcloud.dataplane.context import Limits
from apps.localcloud.dataplane.server import serve
from apps.localcloud.prctl import die_with_parent


def main(arguments: list[str]) -> None:
    """Serves until the control process closes the link or dies."""
    link, parent, idle, connect = arguments
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole terminal; control ends us in its order
    die_with_parent(int(parent))
    gc.freeze()
    uvloop.run(serve(socket.socket(fileno=int(link)), Limits(float(idle), float(connect))))


if __name__ == "__main__":
    main(sys.argv[1:])
