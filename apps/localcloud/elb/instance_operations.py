"""The operations on a classic load balancer's instances, their health and its health check."""

from __future__ import annotations

import re
from typing import Any

from apps.localcloud.ec2.machines import machines
from apps.localcloud.elb.instances import deregister, health, register
from apps.localcloud.elb.model import Balancer, Check, classic
from apps.localcloud.elbv2.checks import check_range
from apps.localcloud.errors import AwsError, validation_error
from apps.localcloud.operations import Call, Result, operation
from apps.localcloud.plane import push
from apps.localcloud.quotas.model import CLASSIC_INSTANCES, value

_TARGET = re.compile(r"^(?:TCP:(\d+)|HTTP:(\d+)/[\x21-\x7e]*)$")


def _balancer(call: Call) -> Balancer:
    return classic(call.cloud, call.account, call.region).require(call.params["LoadBalancerName"])


def _named(call: Call) -> list[str]:
    """The instances of a request. Raises AwsError for one that there is not."""
    ids = [str(one.get("InstanceId")) for one in call.params.get("Instances") or []]
    for one in ids:
        machine = machines(call.cloud).find(call.account, call.region, one)
        if machine is None or machine.state == "terminated":
            raise AwsError("InvalidInstance", f"Could not find EC2 instance {one}.")
    return ids


def _listed(balancer: Balancer) -> list[dict[str, Any]]:
    return [{"InstanceId": one} for one in balancer.registered()]


@operation("elb", "RegisterInstancesWithLoadBalancer")
def register_instances(call: Call) -> Result:
    """All or none. Answers everybody who is registered then."""
    balancer, ids = _balancer(call), _named(call)
    most = value(call.cloud, call.account, call.region, CLASSIC_INSTANCES)
    if len({*balancer.registered(), *ids}) > most:
        raise validation_error(f"The maximum number of registered instances has been reached: '{most}'")
    for one in ids:
        register(call.cloud, balancer, one)
    return {"Instances": _listed(balancer)}


@operation("elb", "DeregisterInstancesFromLoadBalancer")
def deregister_instances(call: Call) -> Result:
    """Answers everybody who stays; those who leave take no new request from now on."""
    balancer = _balancer(call)
    for one in _named(call):
        deregister(call.cloud, balancer, one)
    push(call.cloud)
    return {"Instances": _listed(balancer)}


@operation("elb", "DescribeInstanceHealth")
def describe_instance_health(call: Call) -> Result:
    """Of all instances, draining ones included, or of those named, registered or not."""
    balancer = _balancer(call)
    ids = _named(call) if call.params.get("Instances") else list(balancer.instances)
    told = []
    for one in ids:
        state, reason, description = health(call.cloud, balancer, one)
        told.append({"InstanceId": one, "State": state, "ReasonCode": reason, "Description": description})
    return {"InstanceStates": told}


@operation("elb", "ConfigureHealthCheck")
def configure_health_check(call: Call) -> Result:
    """HTTP:port/path or TCP:port; the instances are judged anew."""
    balancer, given = _balancer(call), call.params["HealthCheck"]
    target = str(given.get("Target") or "")
    if not _TARGET.match(target):
        raise validation_error(
            f"HealthCheck Target '{target}' must be TCP:port or HTTP:port/path in the embedded cloud"
        )
    check = Check(
        target,
        int(given.get("Interval") or 0),
        int(given.get("Timeout") or 0),
        int(given.get("UnhealthyThreshold") or 0),
        int(given.get("HealthyThreshold") or 0),
    )
    check_range("HealthCheck Interval", check.interval, 5, 300)
    check_range("HealthCheck Timeout", check.timeout, 2, 60)
    check_range("HealthCheck UnhealthyThreshold", check.unhealthy_threshold, 2, 10)
    check_range("HealthCheck HealthyThreshold", check.healthy_threshold, 2, 10)
    if check.timeout >= check.interval:
        raise validation_error("HealthCheck timeout must be less than interval")
    balancer.check, balancer.planned = check, None
    push(call.cloud)
    return {"HealthCheck": check.view()}
