"""Subnets."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SubnetState:
    """A subnet as DescribeSubnets answers it; `free_addresses` leaves out those that AWS keeps for itself."""

    id: str
    zone: str
    free_addresses: int
    vpc_id: str = ""
