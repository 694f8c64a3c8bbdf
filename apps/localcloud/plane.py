"""Tells the data plane what the load balancers of both generations are to do."""

from __future__ import annotations

from functools import partial

from apps.localcloud.cloud import Cloud
from apps.localcloud.elb import plane as classic
from apps.localcloud.elb.model import Balancer
from apps.localcloud.elbv2 import plane as application
from apps.localcloud.elbv2.model import TargetGroup
from apps.localcloud.interfaces import DataPlaneConfig


def push(cloud: Cloud) -> None:
    """Tells the data plane now; returns once new requests follow it."""
    cloud.data_plane.apply(
        DataPlaneConfig(
            listeners=(*application.listeners(cloud), *classic.listeners(cloud)),
            target_groups=(*application.target_groups(cloud), *classic.target_groups(cloud)),
        )
    )


def push_soon(cloud: Cloud, *changed: TargetGroup | Balancer) -> None:
    """Tells the data plane once the present request or engine task is over, many changes at once; what `changed` is
    planned anew.
    """
    for one in changed:
        one.planned = None
    cloud.scheduler.after(0, partial(push, cloud), key="data plane")
