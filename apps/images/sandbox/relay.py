"""The only way out of a throwaway root: what connects to the repository in there is connected to it out here.

The listening socket is made inside, in a network that has nothing else, and lent to this process outside.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator, Sequence

MOST = 32  # connections at once
PIECE = 65_536  # bytes
PATIENCE = 10.0  # seconds until the repository must have answered the connection


class Relay:
    """Carries connections of one listening socket to one address, until it is shut."""

    def __init__(self, listener: socket.socket, addresses: Sequence[str], port: int) -> None:
        self._listener = listener
        self._addresses = addresses
        self._port = port
        self._room = threading.Semaphore(MOST)
        self._lock, self._open, self._over = threading.Lock(), set[socket.socket](), False
        threading.Thread(target=self._accept, daemon=True).start()

    def shut(self) -> None:
        """Nobody is let out any more, and who is out is cut off."""
        with self._lock:
            self._over = True
            for each in (self._listener, *self._open):
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                self._room.acquire()
                inner, _ = self._listener.accept()
                threading.Thread(target=self._carry, args=(inner,), daemon=True).start()

    def _carry(self, inner: socket.socket) -> None:
        try:
            with inner, self._reached() as outer, self._held(inner, outer):
                back = threading.Thread(target=_pump, args=(outer, inner), daemon=True)
                back.start()
                _pump(inner, outer)
                back.join()
        except OSError:
            pass  # whoever asked sees that the connection ended
        finally:
            self._room.release()

    @contextlib.contextmanager
    def _held(self, *both: socket.socket) -> Iterator[None]:
        """Within, they are cut off with the way. Raises OSError where that was shut already."""
        with self._lock:
            if self._over:
                raise OSError("the way is shut")
            self._open.update(both)
        try:
            yield
        finally:
            with self._lock:
                self._open.difference_update(both)

    def _reached(self) -> socket.socket:
        problem: OSError = OSError("it has no address")
        for address in self._addresses:
            try:
                made = socket.create_connection((address, self._port), timeout=PATIENCE)
            except OSError as error:
                problem = error
            else:
                made.settimeout(None)
                return made
        raise problem


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(PIECE):
            target.sendall(piece)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
