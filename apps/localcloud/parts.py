"""Puts the cloud together: its services, and the fleet and data plane (real ones, or timers when started lite)."""

from __future__ import annotations

from functools import partial

from apps.localcloud import sts  # noqa: F401 - importing a service registers its operations
from apps.localcloud.autoscaling import (  # noqa: F401
    attachment_operations,
    configuration_operations,
    describe,
    engine,
    group_operations,
    hook_operations,
    member_operations,
    notification_operations,
    policy_operations,
    process_operations,
    schedule_operations,
    tag_operations,
    warm_pool_operations,
)
from apps.localcloud.cloud import Cloud
from apps.localcloud.cloudwatch import alarm_operations, alarm_tags  # noqa: F401
from apps.localcloud.cloudwatch import operations as metric_operations  # noqa: F401
from apps.localcloud.cloudwatch.collector import collect
from apps.localcloud.dataplane import ProxyDataPlane
from apps.localcloud.ec2 import (  # noqa: F401
    backend,
    image_operations,
    image_sharing,
    instance_operations,
    security_operations,
    snapshot_sharing,
    template_operations,
)
from apps.localcloud.ec2.faults import never_healthy
from apps.localcloud.ec2.machines import booted, machines, service_ended
from apps.localcloud.elb import attribute_operations, balancer_operations  # noqa: F401
from apps.localcloud.elb import instance_operations as classic_operations  # noqa: F401
from apps.localcloud.elb import instances as classic_instances
from apps.localcloud.elbv2 import limits, listeners, load_balancers, tags, target_groups  # noqa: F401
from apps.localcloud.elbv2.targets import follow_machine
from apps.localcloud.fleet import ForkFleet
from apps.localcloud.iam import operations as iam_operations  # noqa: F401
from apps.localcloud.lite import LiteDataPlane, LiteFleet
from apps.localcloud.quotas import operations as quota_operations  # noqa: F401


def attach_parts(cloud: Cloud) -> None:
    """Starts both helpers and joins them to the cloud. What the fleet tells is taken up by the engine's thread."""

    def on_running(instance_id: str) -> None:
        cloud.scheduler.after(0, partial(booted, cloud, instance_id), kept=False)

    def on_exit(instance_id: str, status: int) -> None:
        cloud.scheduler.after(0, partial(service_ended, cloud, instance_id, status), kept=False)

    backend.install(cloud)
    followers = (follow_machine, classic_instances.follow_machine, engine.follow_machine)
    machines(cloud).listeners.extend(partial(follow, cloud) for follow in followers)
    work = cloud.options.work
    if cloud.options.lite:
        cloud.fleet, cloud.data_plane = (
            LiteFleet(cloud.scheduler, on_running, on_exit),
            LiteDataPlane(cloud.scheduler, lambda target_id: never_healthy(cloud, target_id)),
        )
    else:
        cloud.fleet = ForkFleet(work / "fleet", on_running, on_exit)
        cloud.data_plane = ProxyDataPlane(work / "dataplane")
    engine.watch_health(cloud)
    collect(cloud)
