"""Messages between the embedded cloud's own processes: JSON with its length before it, over a socket pair."""

from __future__ import annotations

import json
import socket
import struct
from typing import Any

LENGTH = struct.Struct("!I")
Json = dict[str, Any]


def pack(message: Json) -> bytes:
    """One message as bytes, its length in front."""
    body = json.dumps(message, separators=(",", ":")).encode()
    return LENGTH.pack(len(body)) + body


def receive(link: socket.socket) -> Json:
    """The next message; ConnectionError when the other side is gone, TimeoutError after the socket's time-out."""
    (size,) = LENGTH.unpack(_exactly(link, LENGTH.size))
    message: Json = json.loads(_exactly(link, size))
    return message


def _exactly(link: socket.socket, size: int) -> bytes:
    parts = []
    while size:
        part = link.recv(min(size, 1 << 20))
        if not part:
            raise ConnectionError("the other process has ended")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


class Inbox:
    """Puts messages together from what a socket gives, for a reader that must not wait."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Json]:
        """The messages that are whole with `data`."""
        self._buffer += data
        messages = []
        while len(self._buffer) >= LENGTH.size:
            (size,) = LENGTH.unpack_from(self._buffer)
            end = LENGTH.size + size
            if len(self._buffer) < end:
                break
            messages.append(json.loads(self._buffer[LENGTH.size : end]))
            del self._buffer[:end]
        return messages
