"""What classic load balancers publish under AWS/ELB: requests, answers, latency, and instances by health."""

from __future__ import annotations

from collections import Counter

from apps.localcloud.cloud import Cloud, now
from apps.localcloud.cloudwatch.series import COARSE
from apps.localcloud.cloudwatch.store import Dimensions, metrics
from apps.localcloud.elb.instances import IN_SERVICE, health
from apps.localcloud.elb.model import Classic
from apps.localcloud.interfaces import Traffic

_NAMESPACE = "AWS/ELB"


def is_classic(arn: str) -> bool:
    """Whether a load balancer's ARN is that of a classic one: its path is the bare name."""
    return ":loadbalancer/" in arn and "/" not in arn.partition(":loadbalancer/")[2]


def note_traffic(cloud: Cloud, one: Traffic) -> None:
    """Adds what passed through a classic balancer to its metrics."""
    _, _, _, region, account, path = one.load_balancer.split(":", 5)
    where: Dimensions = (("LoadBalancerName", path.removeprefix("loadbalancer/")),)
    counts = {
        "RequestCount": one.requests,
        "HTTPCode_Backend_2XX": one.target_2xx,
        "HTTPCode_Backend_3XX": one.target_3xx,
        "HTTPCode_Backend_4XX": one.target_4xx,
        "HTTPCode_Backend_5XX": one.target_5xx,
        "HTTPCode_ELB_5XX": one.elb_5xx,
    }
    moment, store = now().timestamp(), metrics(cloud, account, region)
    for name, count in counts.items():
        if count:
            series = store.of(_NAMESPACE, name, where)
            series.unit = "Count"
            series.bucket(moment, COARSE).add_set(count, count, 1.0, 1.0)
    answered = one.target_2xx + one.target_3xx + one.target_4xx + one.target_5xx
    if answered:
        series = store.of(_NAMESPACE, "Latency", where)
        series.unit = "Seconds"
        series.bucket(moment, COARSE).add_set(
            answered, one.response_time_sum, one.response_time_min, one.response_time_max
        )


def note_hosts(cloud: Cloud) -> None:
    """Adds how many instances of each balancer are in service, and how many are not."""
    moment = now().timestamp()
    for account, region, state in cloud.places(Classic):
        for balancer in state.balancers.values():
            states = Counter(health(cloud, balancer, one)[0] == IN_SERVICE for one in balancer.registered())
            for name, count in (("HealthyHostCount", states[True]), ("UnHealthyHostCount", states[False])):
                series = metrics(cloud, account, region).of(_NAMESPACE, name, (("LoadBalancerName", balancer.name),))
                series.unit = "Count"
                series.bucket(moment, COARSE).add(float(count))
