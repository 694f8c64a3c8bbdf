"""The fleet: the embedded cloud's instances as real processes, forked from a small server that is ready before them."""

from apps.localcloud.fleet.client import ForkFleet

__all__ = ["ForkFleet"]
