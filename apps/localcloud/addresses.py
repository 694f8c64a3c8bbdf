"""Which loopback addresses belong to this embedded cloud, so that several can run on one machine.

127.0.0.0/8 is cut into slots of a /12; a slot is held by a bound socket, which the kernel frees when the process dies,
however it dies. Inside a slot the first /20 is for ourselves, the second for load balancers, and every account and
region has a /21 of its own, chosen by name so that it is the same after a restart.
"""

from __future__ import annotations

import socket
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network

_LOOPBACK = IPv4Network("127.0.0.0/8")
_SLOT_PREFIX = 12
_OWN_PREFIX = 20
_RANGE_PREFIX = 21
_GUARD_PORT = 17471  # on the slot's first address; nothing listens there, it only holds the claim


Given = tuple[dict[tuple[str, str], IPv4Network], int]  # ranges by account and region; addresses of load balancers


class NoFreeSlotError(RuntimeError):
    """Every slot of 127.0.0.0/8 is held by another embedded cloud on this machine."""


@dataclass
class Addresses:
    """A claimed slot. Not thread-safe by itself: used under the cloud's lock."""

    block: IPv4Network
    guard: socket.socket
    _ranges: dict[tuple[str, str], IPv4Network] = field(default_factory=dict)
    _balancers_given: int = 0

    @property
    def endpoint(self) -> str:
        return str(self.block.network_address + 1)

    def vpc_range(self, account: str, region: str) -> IPv4Network:
        """The addresses of the default VPC of `account` in `region`."""
        place = (account, region)
        if place not in self._ranges:
            self._ranges[place] = self._free_range(f"{account}/{region}")
        return self._ranges[place]

    def _free_range(self, name: str) -> IPv4Network:
        ranges = list(self.block.subnets(new_prefix=_RANGE_PREFIX))[2 * 2 ** (_RANGE_PREFIX - _OWN_PREFIX) :]
        taken = set(self._ranges.values())
        start = zlib.crc32(name.encode()) % len(ranges)
        for candidate in ranges[start:] + ranges[:start]:
            if candidate not in taken:
                return candidate
        raise NoFreeSlotError(f"all {len(ranges)} account and region ranges of {self.block} are in use")

    def for_load_balancer(self) -> str:
        """An address that no other load balancer has had."""
        first = self.block.network_address + 2 ** (32 - _OWN_PREFIX)
        self._balancers_given += 1
        return str(first + self._balancers_given)

    @property
    def given(self) -> Given:
        """What was given out, for `go_on_from` after a restart."""
        return dict(self._ranges), self._balancers_given

    def go_on_from(self, given: Given) -> None:
        self._ranges, self._balancers_given = given

    def release(self) -> None:
        self.guard.close()


def claim(wanted: IPv4Network | None = None, *, lasting: bool = False) -> Addresses:
    """Takes a free slot, or the one that is wanted. Raises NoFreeSlotError.

    `lasting`: from the other end, where those that come and go do not take what a stopped cloud needs to go on.
    """
    free = [*_slots()]
    for block in [wanted] if wanted else free[::-1] if lasting else free:
        guard = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            guard.bind((str(IPv4Address(block.network_address + 1)), _GUARD_PORT))
        except OSError:
            guard.close()
            continue
        return Addresses(block, guard)
    if wanted:
        raise NoFreeSlotError(f"another embedded cloud holds {wanted}, which this one needs to go on: stop that first")
    raise NoFreeSlotError(f"no free /{_SLOT_PREFIX} of {_LOOPBACK}: other embedded clouds hold them all")


def _slots() -> Iterator[IPv4Network]:
    slots = _LOOPBACK.subnets(new_prefix=_SLOT_PREFIX)
    next(slots)  # everything else on this machine lives in the first one
    yield from slots
