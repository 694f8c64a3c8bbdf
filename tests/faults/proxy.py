"""Stands between one worker process and the embedded cloud, on another loopback address but the cloud's own port.

So the Host that a worker signs is one that the cloud accepts, and requests pass unchanged, signature and all.
"""

from __future__ import annotations

import re
import socket
import socketserver
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

HEAD_END = b"\r\n\r\n"
_SCOPE = re.compile(rb"Credential=[^/]+/\d+/[^/]+/([a-z0-9-]+)/")
_LENGTH = re.compile(rb"content-length:\s*(\d+)", re.IGNORECASE)
_TAGS = re.compile(rb"<Tags>.*?</Tags>", re.DOTALL)
_TARGET = re.compile(rb"x-amz-target:\s*\S+\.(\w+)", re.IGNORECASE)
SERVICES = {"elasticloadbalancing": "elbv2", "monitoring": "cloudwatch"}  # signing name → boto3's


@dataclass(frozen=True)
class Request:
    """One request as it came over the wire."""

    raw: bytes
    service: str
    operation: str
    parameters: Mapping[str, Any]
    upstream: tuple[str, int]

    def deliver(self) -> bytes:
        """Sends it on a connection of its own, when the one by which it came may be over; the answer to it."""
        with socket.create_connection(self.upstream) as cloud:
            cloud.sendall(self.raw)
            return _message(cloud)


Answer = bytes | None  # None: the connection is cut
Meet = Callable[[Request, Callable[[], bytes]], Answer]


class Proxy:
    """Forwards every request, as `meet` says: it sends the request itself, or does not."""

    def __init__(self, endpoint: str, address: str, meet: Meet) -> None:
        where = urlsplit(endpoint)
        assert where.hostname
        assert where.port
        upstream = (where.hostname, where.port)

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                _serve(self.request, upstream, meet)

        self._server = _Server((address, where.port), Handler)
        self.endpoint = f"http://{address}:{where.port}"
        threading.Thread(target=self._server.serve_forever, name="proxy", daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def _serve(client: socket.socket, upstream: tuple[str, int], meet: Meet) -> None:
    try:
        with socket.create_connection(upstream) as cloud:
            while raw := _message(client):

                def send(raw: bytes = raw) -> bytes:
                    cloud.sendall(raw)
                    return _message(cloud)

                answer = meet(_parsed(raw, upstream), send)
                if answer is None:
                    return
                client.sendall(answer)
    except OSError:
        return  # whoever was there has gone
    finally:
        client.close()


def _message(source: socket.socket) -> bytes:
    """One HTTP message with its body; empty when there is no more."""
    read = b""
    while HEAD_END not in read:
        more = source.recv(65536)
        if not more:
            return b""
        read += more
    head, _, body = read.partition(HEAD_END)
    length = _LENGTH.search(head)
    missing = (int(length[1]) if length else 0) - len(body)
    while missing > 0:
        more = source.recv(min(missing, 1 << 20))
        if not more:
            return b""
        read += more
        missing -= len(more)
    return read


def _parsed(raw: bytes, upstream: tuple[str, int]) -> Request:
    head, _, body = raw.partition(HEAD_END)
    scope, target = _SCOPE.search(head), _TARGET.search(head)
    service = scope[1].decode() if scope else ""
    parameters: dict[str, Any] = {}
    for name, value in parse_qsl(body.decode("latin-1")) if target is None else ():
        whole, _, number = name.partition(".member.")
        if number.isdecimal():
            parameters.setdefault(whole, []).append(value)
        else:
            parameters[name] = value
    operation = target[1].decode() if target else str(parameters.get("Action", ""))
    return Request(raw, SERVICES.get(service, service), operation, parameters, upstream)


def refusal(service: str, code: str, status: int, message: str) -> bytes:
    """An error as the service's protocol writes it."""
    error = f"<Code>{code}</Code><Message>{message}</Message>"
    if service == "ec2":
        body = f"<Response><Errors><Error>{error}</Error></Errors><RequestID>0</RequestID></Response>"
    else:
        body = f"<ErrorResponse><Error><Type>Sender</Type>{error}</Error><RequestId>0</RequestId></ErrorResponse>"
    head = f"HTTP/1.1 {status} Error\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
    return (head + body).encode()


def without_tags(answer: bytes) -> bytes:
    """The same answer about groups, none of which has a tag."""
    head, _, body = answer.partition(HEAD_END)
    body = _TAGS.sub(b"<Tags/>", body)
    return _LENGTH.sub(b"Content-Length: %d" % len(body), head) + HEAD_END + body
