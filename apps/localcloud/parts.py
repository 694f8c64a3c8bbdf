"""Puts the cloud together: its services, and the fleet and data plane (real ones, or timers when started lite)."""

from __future__ import annotations

from apps.localcloud import sts  # noqa: F401 - importing a service registers its operations
from apps.localcloud.cloud import Cloud
from apps.localcloud.dataplane import ProxyDataPlane
from apps.localcloud.ec2 import (  # noqa: F401
    backend,
    image_operations,
    image_sharing,
    instance_operations,
    template_operations,
)
from apps.localcloud.ec2.machines import booted, service_ended
from apps.localcloud.fleet import ForkFleet
from apps.localcloud.lite import LiteDataPlane, LiteFleet


def attach_parts(cloud: Cloud) -> None:
    """Starts both helpers and joins them to the cloud. What the fleet tells is taken up by the engine's thread."""

    def on_running(instance_id: str) -> None:
        cloud.scheduler.after(0, lambda: booted(cloud, instance_id))

    def on_exit(instance_id: str, status: int) -> None:
        cloud.scheduler.after(0, lambda: service_ended(cloud, instance_id))

    backend.install(cloud)
    work = cloud.options.work
    if cloud.options.lite:
        cloud.fleet, cloud.data_plane = LiteFleet(on_running, on_exit), LiteDataPlane()
    else:
        cloud.fleet = ForkFleet(work / "fleet", on_running, on_exit)
        cloud.data_plane = ProxyDataPlane(work / "dataplane")
