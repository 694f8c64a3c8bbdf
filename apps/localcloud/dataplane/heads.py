"""Message heads as they leave the proxy: without what belongs to one connection, with what a balancer adds."""

from __future__ import annotations

from dataclasses import dataclass, field

Headers = list[tuple[bytes, bytes]]

HOP_BY_HOP = frozenset(
    (
        b"connection",
        b"keep-alive",
        b"proxy-connection",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    )
)
_REWRITTEN = HOP_BY_HOP | {b"x-forwarded-for", b"x-forwarded-port", b"x-forwarded-proto", b"expect"}
FINAL_CHUNK = b"0\r\n\r\n"


@dataclass(slots=True)
class Request:
    """A client's request: its head, and what of its body waits for a connection to a target."""

    method: bytes = b""
    url: bytes = b""
    headers: Headers = field(default_factory=list)
    keep_alive: bool = True
    old_protocol: bool = False  # HTTP/1.0: no chunks, no connection kept
    chunked: bool = False
    expects: bool = False  # asked for 100 Continue before it sends its body
    waiting: list[bytes] = field(default_factory=list)
    complete: bool = False

    @property
    def path(self) -> bytes:
        """The path without its query, also of an absolute URL."""
        url = self.url
        if not url.startswith(b"/"):
            url = b"/" + url.partition(b"://")[2].partition(b"/")[2]
        return url.partition(b"?")[0]

    @property
    def repeatable(self) -> bool:
        """Whether sending it twice does no harm by HTTP's own rules."""
        return self.method not in (b"POST", b"PATCH")


def _named_by_connection(headers: Headers) -> frozenset[bytes]:
    """Headers that the Connection header declares to be for this hop only."""
    names = [value for name, value in headers if name.lower() == b"connection"]
    return frozenset(word.strip().lower() for value in names for word in value.split(b","))


def request_head(request: Request, peer: bytes, port: bytes) -> bytes:
    """The head that the target receives; `peer` is the client's address, `port` the listener's."""
    dropped = _REWRITTEN
    parts = [request.method, b" ", request.url, b" HTTP/1.1\r\n"]
    forwarded = peer
    for name, value in request.headers:
        lower = name.lower()
        if lower not in dropped:
            parts += (name, b": ", value, b"\r\n")
        elif lower == b"x-forwarded-for":
            forwarded = value + b", " + peer
        elif lower == b"connection":
            dropped |= _named_by_connection(request.headers)
    if request.chunked:
        parts.append(b"Transfer-Encoding: chunked\r\n")
    parts += (b"X-Forwarded-For: ", forwarded, b"\r\nX-Forwarded-Port: ", port, b"\r\nX-Forwarded-Proto: http\r\n\r\n")
    return b"".join(parts)


def response_head(status: int, reason: bytes, headers: Headers, *, chunked: bool, close: bool) -> bytes:
    """The head that the client receives."""
    parts = [b"HTTP/1.1 %d %b\r\n" % (status, reason)]
    for name, value in headers:
        if name.lower() not in HOP_BY_HOP:
            parts += (name, b": ", value, b"\r\n")
    if chunked:
        parts.append(b"Transfer-Encoding: chunked\r\n")
    parts.append(b"Connection: close\r\n\r\n" if close else b"Connection: keep-alive\r\n\r\n")
    return b"".join(parts)


def chunk(data: bytes) -> bytes:
    """One chunk of a chunked body."""
    return b"%x\r\n%b\r\n" % (len(data), data)
