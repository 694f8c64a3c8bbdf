"""Subnets that count their free addresses, and let one rest for a while before it is given out again."""

from __future__ import annotations

from typing import Any

from moto.ec2.models.subnets import Subnet

_RESERVED = 5  # addresses of each subnet that AWS keeps for itself


class LoopbackSubnet(Subnet):
    """An address that an instance has left is free, but only given out soon when no other is left: what still sends
    to the old instance must not reach a new one.
    """

    def __init__(self, *args: Any, **more: Any) -> None:
        self._resting: dict[str, None] = {}  # the longest resting first
        super().__init__(*args, **more)

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        for _ in self.aws_reserved_ips:  # moto's iterator begins anew in another process
            next(iter(self._subnet_ip_generator))

    @property
    def available_ip_address_count(self) -> int:
        """How many addresses can be given out now."""
        return int(self.cidr.num_addresses) - _RESERVED - len(self._subnet_ips) + len(self._resting)

    def get_available_subnet_ip(self, instance: Any) -> str:
        try:
            return str(super().get_available_subnet_ip(instance))
        except StopIteration:
            address = next(iter(self._resting))
            del self._resting[address]
            self._subnet_ips[address] = instance
            return address

    def rest(self, address: str) -> None:
        """The address was left."""
        self._resting[address] = None

    def rested(self, address: str) -> None:
        """The address may be given out like any other, unless it was taken meanwhile."""
        if address in self._resting:
            del self._resting[address]
            self.del_subnet_ip(address)
