"""A small HTTP/1.1 server: connections are kept, pipelined requests answered one after another, lengths always told."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from .handling import Answer, Handler

HEAD_LIMIT = 64 * 1024
KEEP_SECONDS = 75.0  # longer than a load balancer keeps an idle connection


class BadRequest(Exception):
    """The request cannot be understood."""


class Server:
    """Serves a handler; `stopping` makes every answer the last one on its connection."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self.stopping = False

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serves one connection until either side ends it."""
        try:
            while await self._one(reader, writer):
                pass
        except BadRequest:
            writer.write(_response(Answer(400, b"bad request"), keep=False, bare=False))
        except asyncio.CancelledError:
            pass  # the service ends; on this Python a cancelled connection would be reported as an error
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # the client left, or has nothing more to say
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        async with asyncio.timeout(KEEP_SECONDS):
            head = await reader.readuntil(b"\r\n\r\n")
            method, target, version, headers = _parse(head)
            await reader.readexactly(_length(headers))
        answer = await self._handler.answer(method, target)
        keep = version == "HTTP/1.1" and headers.get("connection", "").lower() != "close" and not self.stopping
        writer.write(_response(answer, keep=keep, bare=method == "HEAD"))
        await writer.drain()
        return keep


def _parse(head: bytes) -> tuple[str, str, str, dict[str, str]]:
    first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise BadRequest
    pairs = (line.partition(":") for line in lines)
    return words[0], words[1], words[2], {name.strip().lower(): value.strip() for name, _, value in pairs}


def _length(headers: dict[str, str]) -> int:
    """The length of the body, which is read and not looked at; chunked ones are not understood."""
    text = headers.get("content-length", "0")
    if not text.isdigit() or "transfer-encoding" in headers or int(text) > HEAD_LIMIT:
        raise BadRequest
    return int(text)


def _response(answer: Answer, *, keep: bool, bare: bool) -> bytes:
    head = (
        f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(answer.body)}\r\n"
        f"Connection: {'keep-alive' if keep else 'close'}\r\n\r\n"
    )
    return head.encode() + (b"" if bare else answer.body)
