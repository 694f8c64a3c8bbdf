"""What the load balancer itself answers, when no target does."""

from __future__ import annotations

from email.utils import formatdate
from http import HTTPStatus

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_PHRASES = {503: "Service Temporarily Unavailable", 504: "Gateway Time-out"}


def phrase(status: int) -> str:
    """The reason phrase of a status, as the load balancer words it."""
    if status in _PHRASES:
        return _PHRASES[status]
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Unknown"


def page(status: int) -> bytes:
    """The small HTML page that goes with an error of the load balancer's own."""
    title = f"{status} {phrase(status)}"
    return (
        f"<html><head><title>{title}</title></head><body><center><h1>{title}</h1></center></body></html>\r\n".encode()
    )


def response(status: int, content_type: str, body: bytes, *, keep: bool, head: bool = False) -> bytes:
    """A whole answer; without its body when the request was HEAD."""
    lines = [
        f"HTTP/1.1 {status} {phrase(status)}",
        "Server: awselb/2.0",
        f"Date: {formatdate(usegmt=True)}",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(body)}",
        f"Connection: {'keep-alive' if keep else 'close'}",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + (b"" if head else body)
