"""What a world needs for a traffic driver, and what a push of a strategy is asked for.

One entry for each that the product has; one without is named by `operations.missing`, and fails a test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from apps.deployments.models import ClusterPolicy
from apps.inventory.models import Cluster
from tests.faults.snapshot import Account
from tests.world import Service, wait_for

CLASSIC_PORT = 8081
SECOND_PORT = 8082

Change = Callable[[Account, Service], None]


def _as_built(_account: Account, _service: Service) -> None:
    """The world as it is built: one target group, to which a listener forwards."""


def _classic(account: Account, service: Service) -> None:
    """The group is served by a classic load balancer instead of its target group."""
    subnets = [subnet["SubnetId"] for subnet in account.ec2.describe_subnets()["Subnets"]]
    name = f"{service.cluster}-classic"
    listener = {"Protocol": "HTTP", "LoadBalancerPort": CLASSIC_PORT, "InstanceProtocol": "HTTP", "InstancePort": 8080}
    made = account.elb.create_load_balancer(LoadBalancerName=name, Listeners=[listener], Subnets=subnets)
    service.url = f"http://{made['DNSName']}:{CLASSIC_PORT}/"
    check = {"Target": "HTTP:8080/health", "Interval": 5, "Timeout": 2, "UnhealthyThreshold": 2, "HealthyThreshold": 2}
    account.elb.configure_health_check(LoadBalancerName=name, HealthCheck=check)
    group = {"AutoScalingGroupName": service.group}
    account.autoscaling.attach_load_balancers(LoadBalancerNames=[name], **group)
    account.autoscaling.detach_load_balancer_target_groups(TargetGroupARNs=[service.target_group], **group)

    def serves() -> bool:
        states = account.elb.describe_instance_health(LoadBalancerName=name)["InstanceStates"]
        return [state["State"] for state in states] == ["InService"] * len(group_of(account, service)["Instances"])

    wait_for(serves, f"{service.group} to serve behind {name}")


def _two_rules(account: Account, service: Service) -> None:
    """A second listener forwards to the target group too: weights are moved in two rules, by two calls."""
    (balancer,) = account.elbv2.describe_load_balancers()["LoadBalancers"]
    account.elbv2.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Protocol="HTTP",
        Port=SECOND_PORT,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": service.target_group}],
    )


def group_of(account: Account, service: Service) -> dict[str, Any]:
    """The first group as AWS describes it."""
    return next(group for group in account.groups() if group["AutoScalingGroupName"] == service.group)


DRIVERS: Mapping[str, Change] = {
    "shared-target-group": _as_built,
    "weighted-target-groups": _two_rules,
    "classic-elb": _classic,
}

STRATEGIES: Mapping[str, Mapping[str, Any]] = {  # options that make a push of two instances short
    "red-black": {},
    "rolling-red-black": {"percentages": "50", "watch_seconds": 0},
    "rolling-replace": {"surge_percent": 100},
}


def choose(cluster: Cluster, driver: str) -> None:
    """The cluster's policy names the driver."""
    ClusterPolicy.objects.update_or_create(cluster=cluster, defaults={"traffic_driver": driver, "changed_by": "ann"})
