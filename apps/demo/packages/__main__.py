"""`python -m apps.demo.packages FOLDER --fd N`: serves the repository's files on a listening socket lent to it."""

from __future__ import annotations

import argparse
import socket
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Server(ThreadingHTTPServer):
    """On a socket that listens already, so that who asks while this is started again waits in the kernel's queue."""

    daemon_threads = True

    def __init__(self, listener: socket.socket, folder: Path) -> None:
        address = listener.getsockname()
        super().__init__(address, partial(SimpleHTTPRequestHandler, directory=str(folder)), bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self.server_name, self.server_port = address


def main() -> None:
    """Until the process is ended; each request is a line of the log."""
    parser = argparse.ArgumentParser(description="Serve a package repository, files only.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--fd", type=int, required=True, help="the listening socket")
    given = parser.parse_args()
    Server(socket.socket(fileno=given.fd), given.folder).serve_forever()


if __name__ == "__main__":
    main()
