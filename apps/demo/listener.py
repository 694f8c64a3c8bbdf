"""The console's port: bound by the supervisor and lent to the web server.

So a request that comes while the web server is being started again waits in the kernel's queue and is not refused.
"""

from __future__ import annotations

import socket

HOST = "127.0.0.1"  # the demo's password is for this machine only
USUAL = 8000
TRIES = 100


class PortTakenError(RuntimeError):
    """The port that was asked for is in use; the message names it."""


def listen(wanted: int | None) -> socket.socket:
    """A listening socket on `wanted` (0: any free port), or on the first free port from 8000 on when it is None.

    Raises PortTakenError.
    """
    ports = range(USUAL, USUAL + TRIES) if wanted is None else [wanted]
    for port in ports:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError:
            listener.close()
            continue
        listener.listen(512)
        return listener
    if wanted is None:
        raise PortTakenError(f"No port of {USUAL} to {USUAL + TRIES - 1} is free. Name one: make demo ARGS='--port N'")
    raise PortTakenError(f"Port {wanted} is in use. Name another, or none: the first free one from {USUAL} is taken.")
