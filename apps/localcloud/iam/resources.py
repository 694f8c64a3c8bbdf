"""Which resources a call is about, as the ARNs that policies name; `*` where a call is about none in particular."""

from __future__ import annotations

from collections.abc import Iterator

from apps.localcloud.wire import Params

_EC2_KINDS = {
    "i": "instance",
    "ami": "image",
    "lt": "launch-template",
    "subnet": "subnet",
    "sg": "security-group",
    "vol": "volume",
    "eni": "network-interface",
    "snap": "snapshot",
    "vpc": "vpc",
}
_EC2_MEMBERS = ("InstanceIds", "InstanceId", "ImageId", "LaunchTemplateId", "Resources")
_EC2_NEW = {"RunInstances": "instance", "CreateLaunchTemplate": "launch-template", "CreateImage": "image"}
_BALANCING_MEMBERS = (
    ("LoadBalancerArn", "TargetGroupArn", "ListenerArn", "RuleArn"),
    ("ResourceArns",),
)


def resources(service: str, name: str, params: Params, account: str, region: str) -> list[str]:
    """ARNs of what a call names. Describing is about nothing in particular, as with most of AWS."""
    if name.startswith(("Describe", "List", "Get")):
        return ["*"]
    place = f"{region}:{account}"
    found: Iterator[str] = iter(())
    if service == "autoscaling":
        found = _groups(params, place)
    elif service == "elbv2":
        found = _balancing(params)
    elif service == "elb":
        names = [params.get("LoadBalancerName"), *(params.get("LoadBalancerNames") or [])]
        found = (f"arn:aws:elasticloadbalancing:{place}:loadbalancer/{one}" for one in names if one)
    elif service == "ec2":
        found = _machines(name, params, place)
    return list(dict.fromkeys(found)) or ["*"]


def _groups(params: Params, place: str) -> Iterator[str]:
    names = [params.get("AutoScalingGroupName")]
    names += [one.get("ResourceId") for one in params.get("Tags") or []]
    for name in names:
        if name:
            yield f"arn:aws:autoscaling:{place}:autoScalingGroup:*:autoScalingGroupName/{name}"


def _balancing(params: Params) -> Iterator[str]:
    single, several = _BALANCING_MEMBERS
    yield from (str(params[one]) for one in single if params.get(one))
    for member in several:
        yield from params.get(member) or []


def _machines(name: str, params: Params, place: str) -> Iterator[str]:
    if name in _EC2_NEW:
        yield f"arn:aws:ec2:{place}:{_EC2_NEW[name]}/*"
    for member in _EC2_MEMBERS:
        given = params.get(member) or []
        for one in [given] if isinstance(given, str) else given:
            kind = _EC2_KINDS.get(one.partition("-")[0])
            if kind:
                owner = place if kind not in ("image", "snapshot") else f"{place.partition(':')[0]}:"
                yield f"arn:aws:ec2:{owner}:{kind}/{one}"
