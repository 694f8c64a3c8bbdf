"""A service behind a classic load balancer, as its owners would have built it."""

from __future__ import annotations

from dataclasses import replace

from tests.world import Service, wait_for

NAME, PORT = "api-prod-classic", 8081


def behind_classic(service: Service, *, draining: int = 1) -> Service:
    """The service's first group served by a classic load balancer instead of its target group."""
    elb, scaling = service.place.client("elb"), service.place.client("autoscaling")
    subnets = service.groups()[service.group]["VPCZoneIdentifier"].split(",")
    listener = {"Protocol": "HTTP", "LoadBalancerPort": PORT, "InstanceProtocol": "HTTP", "InstancePort": 8080}
    made = elb.create_load_balancer(LoadBalancerName=NAME, Listeners=[listener], Subnets=subnets)
    check = {"Target": "HTTP:8080/health", "Interval": 5, "Timeout": 2, "UnhealthyThreshold": 2, "HealthyThreshold": 2}
    elb.configure_health_check(LoadBalancerName=NAME, HealthCheck=check)
    attributes = {"ConnectionDraining": {"Enabled": bool(draining), "Timeout": max(draining, 1)}}
    elb.modify_load_balancer_attributes(LoadBalancerName=NAME, LoadBalancerAttributes=attributes)
    scaling.attach_load_balancers(AutoScalingGroupName=service.group, LoadBalancerNames=[NAME])
    wait_for(lambda: states(service) == ["InService"] * 2, f"{service.group} to serve behind {NAME}")
    scaling.detach_load_balancer_target_groups(
        AutoScalingGroupName=service.group, TargetGroupARNs=[service.target_group]
    )
    return replace(service, url=f"http://{made['DNSName']}:{PORT}/")


def states(service: Service) -> list[str]:
    """The state of each instance registered with the classic load balancer."""
    told = service.place.client("elb").describe_instance_health(LoadBalancerName=NAME)["InstanceStates"]
    return [each["State"] for each in told]


def attached(service: Service) -> list[str]:
    """The groups that a classic load balancer names, in order."""
    return sorted(name for name, group in service.groups().items() if group["LoadBalancerNames"])
