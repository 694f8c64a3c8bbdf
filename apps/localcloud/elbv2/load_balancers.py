"""The ELBv2 operations on load balancers. A balancer's DNSName is its loopback address."""

from __future__ import annotations

from functools import partial
from typing import Any

from apps.localcloud.ec2.backend import backend
from apps.localcloud.elbv2.checks import check_name
from apps.localcloud.elbv2.limits import check_balancers
from apps.localcloud.elbv2.lists import choose, page
from apps.localcloud.elbv2.model import Balancing, LoadBalancer, balancing, new_arn
from apps.localcloud.elbv2.tags import given_tags
from apps.localcloud.errors import AwsError, validation_error
from apps.localcloud.operations import Call, Result, operation
from apps.localcloud.plane import push, push_soon

_PROVISIONING = 0.5  # seconds until a new balancer is active
_ATTRIBUTES = {
    "deletion_protection.enabled": "false",
    "access_logs.s3.enabled": "false",
    "access_logs.s3.bucket": "",
    "access_logs.s3.prefix": "",
    "idle_timeout.timeout_seconds": "60",
    "routing.http2.enabled": "true",
    "routing.http.drop_invalid_header_fields.enabled": "false",
    "routing.http.xff_header_processing.mode": "append",
    "routing.http.preserve_host_header.enabled": "false",
    "load_balancing.cross_zone.enabled": "true",
}


def _state(call: Call) -> Balancing:
    return balancing(call.cloud, call.account, call.region)


def _view(balancer: LoadBalancer) -> dict[str, Any]:
    return {
        "LoadBalancerArn": balancer.arn,
        "LoadBalancerName": balancer.name,
        "DNSName": balancer.address,
        "CanonicalHostedZoneId": "Z35SXDOTRQ7X7K",
        "CreatedTime": balancer.created,
        "Scheme": balancer.scheme,
        "VpcId": balancer.vpc,
        "State": {"Code": balancer.state},
        "Type": "application",
        "AvailabilityZones": [
            {"ZoneName": zone, "SubnetId": subnet, "LoadBalancerAddresses": []}
            for zone, subnet in sorted(balancer.subnets.items())
        ],
        "SecurityGroups": balancer.security_groups,
        "IpAddressType": balancer.ip_address_type,
    }


def _subnets(call: Call) -> tuple[str, dict[str, str]]:
    ids = list(call.params.get("Subnets") or [])
    ids += [one["SubnetId"] for one in call.params.get("SubnetMappings") or []]
    home = backend(call.account, call.region)
    known = {subnet.id: subnet for subnet in home.describe_subnets()}
    missing = [one for one in ids if one not in known]
    if missing:
        raise AwsError("SubnetNotFound", f"The subnet ID '{missing[0]}' does not exist")
    zones = {known[one].availability_zone: one for one in ids}
    if len(zones) < len(ids):
        raise AwsError(
            "InvalidConfigurationRequest",
            "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
        )
    if len(zones) < 2:
        raise validation_error("At least two subnets in two different Availability Zones must be specified")
    vpcs = {known[one].vpc_id for one in ids}
    if len(vpcs) > 1:
        raise AwsError("InvalidConfigurationRequest", "The subnets must belong to the same VPC")
    return vpcs.pop(), zones


@operation("elbv2", "CreateLoadBalancer")
def create_load_balancer(call: Call) -> Result:
    """A balancer with an address of its own. The same request again gives the same balancer."""
    params, state = call.params, _state(call)
    name = params["Name"]
    check_name("Load balancer", name)
    if name.startswith("internal-"):
        raise validation_error(f"Load balancer name '{name}' cannot begin with 'internal-'")
    if (params.get("Type") or "application") != "application":
        raise AwsError("InvalidConfigurationRequest", "The embedded cloud offers application load balancers only")
    vpc, zones = _subnets(call)
    scheme = params.get("Scheme") or "internet-facing"
    existing = next((one for one in state.load_balancers.values() if one.name == name), None)
    if existing is not None:
        if (existing.scheme, existing.subnets) == (scheme, zones):
            return {"LoadBalancers": [_view(existing)]}
        raise AwsError(
            "DuplicateLoadBalancerName",
            f"A load balancer with the same name '{name}' exists, but with different settings",
        )
    check_balancers(call, state)
    balancer = LoadBalancer(
        arn=new_arn(call.account, call.region, f"loadbalancer/app/{name}"),
        name=name,
        address=call.cloud.addresses.for_load_balancer(),
        vpc=vpc,
        scheme=scheme,
        subnets=zones,
        security_groups=list(params.get("SecurityGroups") or []),
        ip_address_type=params.get("IpAddressType") or "ipv4",
        attributes=dict(_ATTRIBUTES),
    )
    state.load_balancers[balancer.arn] = balancer
    state.tags[balancer.arn] = given_tags(params)
    call.cloud.scheduler.after(call.cloud.delay(_PROVISIONING), partial(_activate, balancer))
    return {"LoadBalancers": [_view(balancer)]}


def _activate(balancer: LoadBalancer) -> None:
    balancer.state = "active"


@operation("elbv2", "DescribeLoadBalancers")
def describe_load_balancers(call: Call) -> Result:
    """By ARNs or names."""
    found = choose(
        _state(call).load_balancers,
        call.params.get("LoadBalancerArns") or [],
        call.params.get("Names") or [],
        "LoadBalancerNotFound",
        "Load balancer",
    )
    shown, marker = page(found, call.params)
    return {"LoadBalancers": [_view(one) for one in shown], "NextMarker": marker}


@operation("elbv2", "DeleteLoadBalancer")
def delete_load_balancer(call: Call) -> Result:
    """With its listeners and rules; one that is gone already is no error."""
    state, arn = _state(call), call.params["LoadBalancerArn"]
    balancer = state.load_balancers.get(arn)
    if balancer is None:
        return None
    if balancer.attributes["deletion_protection.enabled"] == "true":
        raise AwsError(
            "OperationNotPermitted",
            f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled",
        )
    for listener in balancer.listeners.values():
        for rule in listener.ordered_rules():
            state.tags.pop(rule.arn, None)
        state.tags.pop(listener.arn, None)
    state.tags.pop(arn, None)
    del state.load_balancers[arn]
    state.replan(balancer)
    push(call.cloud)
    return None


@operation("elbv2", "DescribeLoadBalancerAttributes")
def describe_load_balancer_attributes(call: Call) -> Result:
    """All attributes as text."""
    return {"Attributes": _attributes(_state(call).load_balancer(call.params["LoadBalancerArn"]))}


@operation("elbv2", "ModifyLoadBalancerAttributes")
def modify_load_balancer_attributes(call: Call) -> Result:
    """Only known keys."""
    balancer = _state(call).load_balancer(call.params["LoadBalancerArn"])
    for one in call.params["Attributes"]:
        if one["Key"] not in balancer.attributes:
            raise validation_error(f"Load balancer attribute key '{one['Key']}' is not recognized")
        balancer.attributes[one["Key"]] = one.get("Value") or ""
    return {"Attributes": _attributes(balancer)}


def _attributes(balancer: LoadBalancer) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in sorted(balancer.attributes.items())]


@operation("elbv2", "SetSecurityGroups")
def set_security_groups(call: Call) -> Result:
    """Kept and described; nothing is filtered on loopback."""
    balancer = _state(call).load_balancer(call.params["LoadBalancerArn"])
    balancer.security_groups = list(call.params["SecurityGroups"])
    return {"SecurityGroupIds": balancer.security_groups}


@operation("elbv2", "SetSubnets")
def set_subnets(call: Call) -> Result:
    """The zones the balancer serves in."""
    balancer = _state(call).load_balancer(call.params["LoadBalancerArn"])
    _, balancer.subnets = _subnets(call)
    push_soon(call.cloud)
    return {"AvailabilityZones": _view(balancer)["AvailabilityZones"]}
