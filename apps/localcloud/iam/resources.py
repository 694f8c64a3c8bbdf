"""Which resources a call is about, as the ARNs that policies name; `*` where a call is about none in particular."""

from __future__ import annotations

from collections.abc import Iterator

from apps.localcloud.cloud import Cloud
from apps.localcloud.ec2.machines import machines
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
_EC2_MEMBERS = (
    *("InstanceIds", "InstanceId", "ImageId", "LaunchTemplateId", "Resources", "SnapshotId"),
    *("GroupId", "VpcId"),
)
_EC2_NEW = {
    "CopyImage": "image",
    "CreateImage": "image",
    "CreateLaunchTemplate": "launch-template",
    "CreateSecurityGroup": "security-group",
    "RunInstances": "instance",
}
_NOBODYS = ("image", "snapshot")  # whose ARNs name no account
_BALANCING_MEMBERS = (
    ("LoadBalancerArn", "TargetGroupArn", "ListenerArn", "RuleArn"),
    ("ResourceArns",),
)
BALANCING_MADE_BY_NAME = {"CreateLoadBalancer": "loadbalancer/app", "CreateTargetGroup": "targetgroup"}
_READING = ("Describe", "List", "Get", "Simulate")
_READING_OF_ONE = frozenset({"DescribeInstanceAttribute", "GetConsoleOutput", "GetObject", "SimulatePrincipalPolicy"})


def resources(cloud: Cloud, service: str, name: str, params: Params, account: str, region: str) -> list[str]:
    """ARNs of what a call names. Describing is about nothing in particular, as with most of AWS."""
    if name.startswith(_READING) and name not in _READING_OF_ONE:
        return ["*"]
    place = f"{region}:{account}"
    found: Iterator[str] = iter(())
    if service == "autoscaling":
        found = (_group(each, place) for each in named_groups(cloud, params))
    elif service == "elbv2":
        found = _balancing(name, params, place)
    elif service == "elb":
        names = [params.get("LoadBalancerName"), *(params.get("LoadBalancerNames") or [])]
        found = (f"arn:aws:elasticloadbalancing:{place}:loadbalancer/{one}" for one in names if one)
    elif service == "ec2":
        found = _machines(name, params, place)
    elif service == "cloudwatch":
        names = [params.get("AlarmName"), *(params.get("AlarmNames") or [])]
        found = (f"arn:aws:cloudwatch:{place}:alarm:{one}" for one in names if one)
    else:
        found = _of_others(service, params)
    return list(dict.fromkeys(found)) or [_unnamed(service, name, place)]


def named_groups(cloud: Cloud, params: Params) -> list[str]:
    """The names of the Auto Scaling groups that a call is about: it names them, or an instance of theirs."""
    names = [params.get("AutoScalingGroupName")]
    names += [one.get("ResourceId") for one in params.get("Tags") or []]
    machine = machines(cloud).by_id.get(params.get("InstanceId") or "")
    if machine is not None:
        names.append(machine.group)
    return [str(name) for name in names if name]


def _unnamed(service: str, name: str, place: str) -> str:
    """Any of the kind that a call is about, where it names none."""
    if service == "autoscaling" and "LaunchConfiguration" not in name:
        return _group("*", place)
    if service == "ec2" and "LaunchTemplate" in name:
        return f"arn:aws:ec2:{place}:launch-template/*"
    return "*"


def _group(name: str, place: str) -> str:
    return f"arn:aws:autoscaling:{place}:autoScalingGroup:*:autoScalingGroupName/{name}"


def _balancing(name: str, params: Params, place: str) -> Iterator[str]:
    if name in BALANCING_MADE_BY_NAME:
        yield f"arn:aws:elasticloadbalancing:{place}:{BALANCING_MADE_BY_NAME[name]}/{params.get('Name')}/*"
    single, several = _BALANCING_MEMBERS
    yield from (str(params[one]) for one in single if params.get(one))
    for member in several:
        yield from params.get(member) or []


def _of_others(service: str, params: Params) -> Iterator[str]:
    if service == "s3":
        yield f"arn:aws:s3:::{params['Bucket']}/{params['Key']}"
    elif service == "route53" and params.get("HostedZoneId"):
        yield f"arn:aws:route53:::hostedzone/{params['HostedZoneId']}"
    elif service == "iam" and params.get("PolicySourceArn"):
        yield str(params["PolicySourceArn"])


def _machines(name: str, params: Params, place: str) -> Iterator[str]:
    if name in _EC2_NEW:
        yield ec2_arn(_EC2_NEW[name], "*", place)
    for member in _EC2_MEMBERS:
        given = params.get(member) or []
        for one in [given] if isinstance(given, str) else given:
            kind = _EC2_KINDS.get(one.partition("-")[0])
            if kind:
                yield ec2_arn(kind, one, place)


def ec2_arn(kind: str, name: str, place: str) -> str:
    """`name` may be "*"; `place` is the region and the account with a colon between."""
    owner = f"{place.partition(':')[0]}:" if kind in _NOBODYS else place
    return f"arn:aws:ec2:{owner}:{kind}/{name}"
