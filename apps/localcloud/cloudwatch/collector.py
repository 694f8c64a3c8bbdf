"""What AWS's own services publish: request counts of load balancers, hosts by health, sizes of groups; once a minute's
bucket, gathered every second.
"""

from __future__ import annotations

from collections import Counter

from apps.localcloud.autoscaling.model import Group, Groups
from apps.localcloud.cloud import Cloud, now
from apps.localcloud.cloudwatch import classic
from apps.localcloud.cloudwatch.series import COARSE
from apps.localcloud.cloudwatch.store import Dimensions, metrics
from apps.localcloud.elbv2.model import Balancing, balancing
from apps.localcloud.elbv2.targets import health
from apps.localcloud.interfaces import Traffic

_EVERY = 1.0  # seconds between two readings of the data plane's counters
_GAUGES_EVERY = 60.0  # both are divided where minutes are shorter
_BALANCER = "AWS/ApplicationELB"


def collect(cloud: Cloud) -> None:
    """Starts gathering; goes on until the engine stops."""

    divisor = cloud.options.scaling_divisor
    every, gauges_every = max(0.05, min(_EVERY, _GAUGES_EVERY / divisor / 4)), _GAUGES_EVERY / divisor

    def traffic() -> None:
        cloud.scheduler.after(every, traffic, kept=False)
        for one in cloud.data_plane.traffic():
            if classic.is_classic(one.load_balancer):
                classic.note_traffic(cloud, one)
            else:
                _note_traffic(cloud, one)

    def gauges() -> None:
        cloud.scheduler.after(gauges_every, gauges, kept=False)
        for account, region, state in cloud.places(Balancing):
            _note_hosts(cloud, account, region, state)
        classic.note_hosts(cloud)
        for _, _, known in cloud.places(Groups):
            for group in known.by_name.values():
                _note_group(cloud, group)

    cloud.scheduler.after(every, traffic, kept=False)
    cloud.scheduler.after(gauges_every, gauges, kept=False)


def _note_traffic(cloud: Cloud, one: Traffic) -> None:
    _, _, _, region, account, _ = one.load_balancer.split(":", 5)
    balancer = (("LoadBalancer", _balancer_name(one.load_balancer)),)
    places: list[Dimensions] = [balancer]
    if one.target_group:
        places.append((*balancer, ("TargetGroup", _target_group_name(one.target_group))))
    counts = {
        "RequestCount": one.requests,
        "HTTPCode_Target_2XX_Count": one.target_2xx,
        "HTTPCode_Target_3XX_Count": one.target_3xx,
        "HTTPCode_Target_4XX_Count": one.target_4xx,
        "HTTPCode_Target_5XX_Count": one.target_5xx,
        "HTTPCode_ELB_5XX_Count": one.elb_5xx,
    }
    answered = one.target_2xx + one.target_3xx + one.target_4xx + one.target_5xx
    moment = now().timestamp()
    store = metrics(cloud, account, region)
    for where in places:
        for name, count in counts.items():
            if count:
                series = store.of(_BALANCER, name, where)
                series.unit = "Count"
                series.bucket(moment, COARSE).add_set(count, count, 1.0, 1.0)
        if answered:
            series = store.of(_BALANCER, "TargetResponseTime", where)
            series.unit = "Seconds"
            series.bucket(moment, COARSE).add_set(
                answered, one.response_time_sum, one.response_time_min, one.response_time_max
            )
    if one.target_group:
        _note_per_target(cloud, account, region, one.load_balancer, one.target_group, one.requests)


def _note_per_target(cloud: Cloud, account: str, region: str, balancer: str, target_group: str, requests: int) -> None:
    """RequestCountPerTarget, of which only the sum means anything; always told, also when nobody asks anything."""
    known = balancing(cloud, account, region).target_groups.get(target_group)
    targets = sum(one.leaving is None for one in known.targets.values()) if known else 0
    where = ("TargetGroup", _target_group_name(target_group))
    for place in ((("LoadBalancer", _balancer_name(balancer)), where), (where,)):
        series = metrics(cloud, account, region).of(_BALANCER, "RequestCountPerTarget", place)
        series.unit = "Count"
        series.bucket(now().timestamp(), COARSE).add(requests / max(1, targets))


def _balancer_name(arn: str) -> str:
    return arn.split(":loadbalancer/", 1)[1]


def _target_group_name(arn: str) -> str:
    return arn.rsplit(":", 1)[1]


def _gauge(cloud: Cloud, account: str, region: str, namespace: str, where: Dimensions, values: dict[str, int]) -> None:
    moment = now().timestamp()
    for name, value in values.items():
        series = metrics(cloud, account, region).of(namespace, name, tuple(sorted(where)))
        series.unit = "Count"
        series.bucket(moment, COARSE).add(float(value))


def _note_hosts(cloud: Cloud, account: str, region: str, state: Balancing) -> None:
    for group in state.target_groups.values():
        states = Counter(told[0] for _, told in health(cloud, state, group))
        for balancer in state.balancers_of(group.arn):
            where = (("LoadBalancer", _balancer_name(balancer)), ("TargetGroup", _target_group_name(group.arn)))
            values = {"HealthyHostCount": states["healthy"], "UnHealthyHostCount": states["unhealthy"]}
            _gauge(cloud, account, region, _BALANCER, where, values)
            _note_per_target(cloud, account, region, balancer, group.arn, 0)


def _note_group(cloud: Cloud, group: Group) -> None:
    if not group.metrics:
        return
    states = Counter(one.lifecycle.split(":")[0] for one in group.members.values())
    values = {
        "GroupMinSize": group.min_size,
        "GroupMaxSize": group.max_size,
        "GroupDesiredCapacity": group.desired,
        "GroupInServiceInstances": states["InService"],
        "GroupPendingInstances": states["Pending"],
        "GroupStandbyInstances": states["Standby"],
        "GroupTerminatingInstances": states["Terminating"],
        "GroupTotalInstances": len(group.members),
    }
    wanted = {name: value for name, value in values.items() if name in group.metrics}
    _gauge(cloud, group.account, group.region, "AWS/AutoScaling", (("AutoScalingGroupName", group.name),), wanted)
