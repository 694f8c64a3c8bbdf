"""Chooses the fleet and the data plane: real processes and sockets, or timers when started lite."""

from __future__ import annotations

from apps.localcloud import sts  # noqa: F401 - importing a service registers its operations
from apps.localcloud.cloud import Cloud
from apps.localcloud.lite import LiteDataPlane, LiteFleet


def attach_parts(cloud: Cloud) -> None:
    """Starts both helpers and joins them to the cloud."""
    cloud.fleet = LiteFleet(on_running=lambda instance_id: None, on_exit=lambda instance_id, status: None)
    cloud.data_plane = LiteDataPlane()
