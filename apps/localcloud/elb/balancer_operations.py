"""The operations on classic load balancers and their listeners. A balancer's DNSName is its loopback address."""

from __future__ import annotations

from typing import Any

from apps.localcloud.ec2.backend import backend
from apps.localcloud.elb.model import Balancer, Check, Classic, Listener, classic
from apps.localcloud.elbv2.checks import check_name, check_range
from apps.localcloud.elbv2.lists import page
from apps.localcloud.errors import AwsError, validation_error
from apps.localcloud.operations import Call, Result, operation
from apps.localcloud.plane import push
from apps.localcloud.quotas.model import CLASSIC_BALANCERS, CLASSIC_LISTENERS, QUOTAS, value
from apps.localcloud.wire import Params


def _state(call: Call) -> Classic:
    return classic(call.cloud, call.account, call.region)


def given_tags(params: Params) -> dict[str, str]:
    return {one["Key"]: one.get("Value") or "" for one in params.get("Tags") or []}


def _listeners(params: Params) -> dict[int, Listener]:
    found: dict[int, Listener] = {}
    for one in params["Listeners"]:
        protocol = str(one.get("Protocol") or "").upper()
        behind = str(one.get("InstanceProtocol") or protocol).upper()
        if protocol not in ("HTTP", "TCP") or behind != protocol:
            raise AwsError(
                "UnsupportedProtocol",
                f"The embedded cloud offers HTTP and TCP listeners with the same protocol behind, not"
                f" '{protocol}' to '{behind}'",
            )
        listener = Listener(protocol, int(one["LoadBalancerPort"]), int(one["InstancePort"]))
        check_range("LoadBalancerPort", listener.port, 1, 65535)
        check_range("InstancePort", listener.instance_port, 1, 65535)
        found[listener.port] = listener
    if not found:
        raise validation_error("At least one listener must be specified")
    return found


def _place(call: Call) -> tuple[str, dict[str, str]]:
    """(VPC, subnet by zone). Raises AwsError."""
    home = backend(call.account, call.region)
    ids, zones = call.params.get("Subnets") or [], call.params.get("AvailabilityZones") or []
    if not ids and not zones:
        raise validation_error("Either AvailabilityZones or SubnetIds must be specified")
    if zones:
        by_zone = home.get_default_subnets()
        wrong = [one for one in zones if one not in by_zone]
        if wrong:
            raise validation_error(f"Invalid availability zones: [{', '.join(wrong)}]")
        ids = [by_zone[one].id for one in zones]
    known = {subnet.id: subnet for subnet in home.describe_subnets()}
    missing = [one for one in ids if one not in known]
    if missing:
        raise AwsError("SubnetNotFound", f"The requested subnet '{missing[0]}' does not exist")
    vpcs = {known[one].vpc_id for one in ids}
    if len(vpcs) > 1:
        raise AwsError("InvalidConfigurationRequest", "The subnets must belong to the same VPC")
    return vpcs.pop(), {known[one].availability_zone: one for one in ids}


@operation("elb", "CreateLoadBalancer")
def create_load_balancer(call: Call) -> Result:
    """A balancer with an address of its own. The same request again gives the same balancer."""
    params, state = call.params, _state(call)
    name = params["LoadBalancerName"]
    check_name("LoadBalancer", name)
    (vpc, zones), listeners = _place(call), _listeners(params)
    scheme = params.get("Scheme") or "internet-facing"
    existing = state.balancers.get(name)
    if existing is not None:
        if (existing.scheme, existing.zones, existing.listeners) == (scheme, zones, listeners):
            return {"DNSName": existing.address}
        raise AwsError(
            "DuplicateLoadBalancerName",
            f"Load Balancer named {name} already exists and it is configured with different parameters",
        )
    if len(state.balancers) >= value(call.cloud, call.account, call.region, CLASSIC_BALANCERS):
        raise AwsError("TooManyLoadBalancers", "The quota for the number of load balancers has been reached.")
    balancer = Balancer(
        name=name,
        account=call.account,
        region=call.region,
        address=call.cloud.addresses.for_load_balancer(),
        vpc=vpc,
        scheme=scheme,
        zones=zones,
        security_groups=list(params.get("SecurityGroups") or []),
        check=Check(f"TCP:{next(iter(listeners.values())).instance_port}"),
        listeners=listeners,
        tags=given_tags(params),
    )
    state.balancers[name] = balancer
    try:
        _push(call, balancer)
    except AwsError:
        del state.balancers[name]
        push(call.cloud)
        raise
    return {"DNSName": balancer.address}


def _push(call: Call, balancer: Balancer) -> None:
    """Raises AwsError when this machine does not let us bind one of its ports."""
    balancer.planned = None
    push(call.cloud)
    failures = call.cloud.data_plane.failures()
    for port in balancer.listeners:
        if (balancer.address, port) in failures:
            raise AwsError(
                "InvalidConfigurationRequest",
                f"This machine does not let the load balancer listen on {balancer.address}:{port}:"
                f" {failures[balancer.address, port]}",
            )


@operation("elb", "CreateLoadBalancerListeners")
def create_listeners(call: Call) -> Result:
    """More ports; one that is there already with the same settings is no error."""
    balancer = _state(call).require(call.params["LoadBalancerName"])
    given = _listeners(call.params)
    for port, listener in given.items():
        if balancer.listeners.get(port, listener) != listener:
            raise AwsError(
                "DuplicateListener",
                f"A listener already exists for {balancer.name} with LoadBalancerPort {port}, but with a different"
                " InstancePort, Protocol, or SSLCertificateId",
            )
    before, balancer.listeners = balancer.listeners, {**balancer.listeners, **given}
    if len(balancer.listeners) > value(call.cloud, call.account, call.region, CLASSIC_LISTENERS):
        balancer.listeners = before
        raise validation_error("The maximum number of listeners has been reached")
    try:
        _push(call, balancer)
    except AwsError:
        balancer.listeners = before
        _push(call, balancer)
        raise
    return {}


@operation("elb", "DeleteLoadBalancerListeners")
def delete_listeners(call: Call) -> Result:
    """Ports that have no listener are no error."""
    balancer = _state(call).require(call.params["LoadBalancerName"])
    for port in call.params["LoadBalancerPorts"]:
        balancer.listeners.pop(int(port), None)
    _push(call, balancer)
    return {}


@operation("elb", "DeleteLoadBalancer")
def delete_load_balancer(call: Call) -> Result:
    """One that is gone already is no error."""
    if _state(call).balancers.pop(call.params["LoadBalancerName"], None) is not None:
        push(call.cloud)
    return {}


@operation("elb", "DescribeLoadBalancers")
def describe_load_balancers(call: Call) -> Result:
    """All, or those named."""
    state, names = _state(call), call.params.get("LoadBalancerNames") or []
    found = [state.require(name) for name in names] if names else list(state.balancers.values())
    shown, marker = page(found, call.params)
    return {"LoadBalancerDescriptions": [_view(call, one) for one in shown], "NextMarker": marker}


def _view(call: Call, balancer: Balancer) -> dict[str, Any]:
    return {
        "LoadBalancerName": balancer.name,
        "DNSName": balancer.address,
        "CanonicalHostedZoneName": balancer.address,
        "CanonicalHostedZoneNameID": "Z35SXDOTRQ7X7K",
        "ListenerDescriptions": [
            {"Listener": one.view(), "PolicyNames": []} for _, one in sorted(balancer.listeners.items())
        ],
        "Policies": {"AppCookieStickinessPolicies": [], "LBCookieStickinessPolicies": [], "OtherPolicies": []},
        "BackendServerDescriptions": [],
        "AvailabilityZones": sorted(balancer.zones),
        "Subnets": [balancer.zones[zone] for zone in sorted(balancer.zones)],
        "VPCId": balancer.vpc,
        "Instances": [{"InstanceId": one} for one in balancer.instances],
        "HealthCheck": balancer.check.view(),
        "SourceSecurityGroup": {"OwnerAlias": call.account, "GroupName": "default"},
        "SecurityGroups": balancer.security_groups,
        "CreatedTime": balancer.created,
        "Scheme": balancer.scheme,
    }


@operation("elb", "DescribeAccountLimits")
def describe_account_limits(call: Call) -> Result:
    """The limits of classic load balancers, as Service Quotas has them."""
    limits = [one for one in QUOTAS.values() if one.limit.startswith("classic-")]
    told = [{"Name": one.limit, "Max": str(value(call.cloud, call.account, call.region, one))} for one in limits]
    return {"Limits": told}
