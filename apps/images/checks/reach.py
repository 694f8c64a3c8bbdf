"""The one place that a check may reach: its repository, and never what only the console itself may."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

PORTS = {"http": 80, "https": 443}


class CannotReachError(Exception):
    """It cannot be let out to it; the text says why."""


@dataclass(frozen=True)
class Reached:
    """A repository's host and port, with the addresses that it was found at; all empty where there is none."""

    host: str = ""
    port: int = 0
    addresses: tuple[str, ...] = ()


def find(repository: str) -> Reached:
    """Raises CannotReachError."""
    try:
        parts = urlsplit(repository)
        host, port = parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        host, port, parts = "", 0, urlsplit("")
    if parts.scheme == "file":
        raise CannotReachError("The repository is a folder of the builder, which only a bake has.")
    if not host or not port:
        return Reached()  # a script that names none, or names it otherwise
    if ":" in host:
        raise CannotReachError("The repository is named by an IPv6 address; name it by its host name.")
    addresses = tuple(_looked_up(host, port))
    own = set(_own())
    for address in addresses:
        if _is_forbidden(address):
            raise CannotReachError(f"{host} is {address}, an address of this machine's surroundings, not a repository.")
        if (address, port) in own:
            raise CannotReachError(f"{host} port {port} is the console's own database or broker, not a repository.")
    return Reached(host, port, addresses)


def _looked_up(host: str, port: int) -> Iterator[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise CannotReachError(f"The repository's host {host} is not known here ({error.strerror}).") from error
    yield from dict.fromkeys(str(each[4][0]) for each in found)


def _is_forbidden(text: str) -> bool:
    """Link-local addresses answer with the credentials of the machine."""
    address = ipaddress.ip_address(text.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None) or address
    metadata = mapped == ipaddress.ip_address("fd00:ec2::254")
    return metadata or mapped.is_link_local or mapped.is_multicast or mapped.is_unspecified


def _own() -> Iterator[tuple[str, int]]:
    """Addresses and ports of the console's database and broker."""
    database = settings.DATABASES["default"]
    named = [(str(database.get("HOST") or "localhost"), int(database.get("PORT") or 5432))]
    broker = urlsplit(settings.REDIS_URL)
    if broker.hostname:
        named.append((broker.hostname, broker.port or 6379))
    for host, port in named:
        if host.startswith("/"):
            continue  # a socket in a folder, which no address leads to
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError:
            continue
        yield from ((str(each[4][0]), port) for each in found)
