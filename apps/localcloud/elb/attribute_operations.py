"""Attributes and tags of classic load balancers."""

from __future__ import annotations

from typing import Any

from apps.localcloud.elb.balancer_operations import given_tags
from apps.localcloud.elb.model import Balancer, classic
from apps.localcloud.elbv2.checks import check_range
from apps.localcloud.errors import AwsError
from apps.localcloud.operations import Call, Result, operation


def _balancer(call: Call, name: str) -> Balancer:
    return classic(call.cloud, call.account, call.region).require(name)


def _attributes(balancer: Balancer) -> dict[str, Any]:
    return {
        "CrossZoneLoadBalancing": {"Enabled": balancer.cross_zone},
        "AccessLog": {"Enabled": False},
        "ConnectionDraining": {"Enabled": balancer.draining, "Timeout": balancer.draining_seconds},
        "ConnectionSettings": {"IdleTimeout": balancer.idle_seconds},
        "AdditionalAttributes": [{"Key": "elb.http.desyncmitigationmode", "Value": "defensive"}],
    }


@operation("elb", "DescribeLoadBalancerAttributes")
def describe_attributes(call: Call) -> Result:
    """All of them."""
    return {"LoadBalancerAttributes": _attributes(_balancer(call, call.params["LoadBalancerName"]))}


@operation("elb", "ModifyLoadBalancerAttributes")
def modify_attributes(call: Call) -> Result:
    """Connection draining holds for instances that leave from now on; cross-zone and the idle time-out are kept and
    described, and change nothing: requests always go round all zones.
    """
    balancer = _balancer(call, call.params["LoadBalancerName"])
    given = call.params["LoadBalancerAttributes"]
    draining = given.get("ConnectionDraining") or {}
    seconds = int(draining.get("Timeout") or balancer.draining_seconds)
    check_range("ConnectionDraining Timeout", seconds, 1, 3600)
    idle = int((given.get("ConnectionSettings") or {}).get("IdleTimeout") or balancer.idle_seconds)
    check_range("ConnectionSettings IdleTimeout", idle, 1, 4000)
    balancer.draining = bool(draining.get("Enabled", balancer.draining))
    balancer.draining_seconds, balancer.idle_seconds = seconds, idle
    cross_zone = given.get("CrossZoneLoadBalancing") or {}
    balancer.cross_zone = bool(cross_zone.get("Enabled", balancer.cross_zone))
    changed = {name: shown for name, shown in _attributes(balancer).items() if name in given}
    return {"LoadBalancerName": balancer.name, "LoadBalancerAttributes": changed}


@operation("elb", "AddTags")
def add_tags(call: Call) -> Result:
    """To each balancer named."""
    for name in call.params["LoadBalancerNames"]:
        balancer = _balancer(call, name)
        merged = {**balancer.tags, **given_tags(call.params)}
        if len(merged) > 50:
            raise AwsError("TooManyTags", "The quota for the number of tags that can be assigned has been reached.")
        balancer.tags = merged
    return {}


@operation("elb", "RemoveTags")
def remove_tags(call: Call) -> Result:
    """From each balancer named; keys that are not there are no error."""
    for name in call.params["LoadBalancerNames"]:
        for one in call.params["Tags"]:
            _balancer(call, name).tags.pop(one["Key"], None)
    return {}


@operation("elb", "DescribeTags")
def describe_tags(call: Call) -> Result:
    """Of each balancer named."""
    found = []
    for name in call.params["LoadBalancerNames"]:
        tags = [{"Key": key, "Value": value} for key, value in _balancer(call, name).tags.items()]
        found.append({"LoadBalancerName": name, "Tags": tags})
    return {"TagDescriptions": found}
