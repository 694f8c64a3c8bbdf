"""Ports that the supervisor binds and lends to its parts: the console's, and the package repository's.

So a request that comes while the web server is being started again waits in the kernel's queue and is not refused.
"""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

HOST = "127.0.0.1"  # the demo's password is for this machine only
USUAL = 8000
TRIES = 100
PACKAGES = 17480  # where recipes look for packages, so it stays; one that nothing else is likely to have


class PortTakenError(RuntimeError):
    """The port that was asked for is in use; the message names it."""


def listen(wanted: int | None) -> socket.socket:
    """A listening socket on `wanted` (0: any free port), or on the first free port from 8000 on when it is None.

    Raises PortTakenError.
    """
    for port in range(USUAL, USUAL + TRIES) if wanted is None else [wanted]:
        listener = _bound(HOST, port)
        if listener:
            return listener
    if wanted is None:
        raise PortTakenError(f"No port of {USUAL} to {USUAL + TRIES - 1} is free. Name one: make demo ARGS='--port N'")
    raise PortTakenError(f"Port {wanted} is in use. Name another, or none: the first free one from {USUAL} is taken.")


def listen_for_packages(endpoint: str) -> socket.socket:
    """A listening socket on an address of the embedded cloud's, which is the same when the demo goes on.

    `endpoint` is the cloud's URL. Raises PortTakenError.
    """
    host = urlsplit(endpoint).hostname or HOST
    listener = _bound(host, PACKAGES)
    if listener:
        return listener
    raise PortTakenError(f"Port {PACKAGES} of {host} is in use: the demo's package repository needs it.")


def _bound(host: str, port: int) -> socket.socket | None:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        return None
    listener.listen(512)
    return listener
