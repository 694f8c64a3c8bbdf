"""EC2: VPCs, their subnets, and security groups. Part of EC2.

None of these calls has a client token; each wrapper says how to see whether it took effect.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from apps.cloud.aws.ec2_shapes import subnet_state
from apps.cloud.aws.session import call, pages
from apps.cloud.aws.shapes import Shape, tag_list, tags
from apps.cloud.errors import AlreadyExists, NotFound
from apps.cloud.values import Ingress, SecurityGroupState, SubnetState, Target, VpcState

SERVICE = "ec2"
PAGE = 1000


def default_vpc(target: Target) -> VpcState | None:
    """The region's default VPC; None where somebody deleted it."""
    found = call(target, SERVICE, "DescribeVpcs", Filters=_filters({"is-default": "true"}))["Vpcs"]
    return VpcState(found[0]["VpcId"], found[0]["CidrBlock"]) if found else None


def vpc(target: Target, vpc_id: str) -> VpcState:
    """One VPC. Raises NotFound."""
    found = call(target, SERVICE, "DescribeVpcs", Filters=_filters({"vpc-id": vpc_id}))["Vpcs"]
    if not found:
        raise NotFound(f"There is no VPC {vpc_id}.", operation="DescribeVpcs")
    return VpcState(found[0]["VpcId"], found[0]["CidrBlock"])


def subnets_of(target: Target, vpc_id: str) -> tuple[SubnetState, ...]:
    """All subnets of a VPC, by zone."""
    answers = pages(target, SERVICE, "DescribeSubnets", Filters=_filters({"vpc-id": vpc_id}), MaxResults=PAGE)
    found = [subnet_state(shape) for answer in answers for shape in answer["Subnets"]]
    return tuple(sorted(found, key=lambda subnet: (subnet.zone, subnet.id)))


def security_group_named(target: Target, vpc_id: str, name: str) -> SecurityGroupState | None:
    """The security group of this name in a VPC; None where there is none."""
    wanted = _filters({"vpc-id": vpc_id, "group-name": name})
    found = call(target, SERVICE, "DescribeSecurityGroups", Filters=wanted)["SecurityGroups"]
    return _group(found[0]) if found else None


def create_security_group(target: Target, vpc_id: str, name: str, description: str, labels: Mapping[str, str]) -> str:
    """CreateSecurityGroup; answers its id. Raises AlreadyExists where the VPC has one of this name.

    Took effect if `security_group_named` shows it, with these tags.
    """
    answer = call(
        target,
        SERVICE,
        "CreateSecurityGroup",
        GroupName=name,
        Description=description,
        VpcId=vpc_id,
        TagSpecifications=[{"ResourceType": "security-group", "Tags": tag_list(labels)}],
    )
    return str(answer["GroupId"])


def allow(target: Target, group_id: str, rule: Ingress) -> None:
    """AuthorizeSecurityGroupIngress of one rule; one that stands is no error. Took effect if `ingress` has it."""
    permission: dict[str, object] = {"IpProtocol": "tcp", "FromPort": rule.port, "ToPort": rule.port}
    if rule.source.startswith("sg-"):
        permission["UserIdGroupPairs"] = [{"GroupId": rule.source}]
    else:
        permission["IpRanges"] = [{"CidrIp": rule.source}]
    try:
        call(target, SERVICE, "AuthorizeSecurityGroupIngress", GroupId=group_id, IpPermissions=[permission])
    except AlreadyExists:
        return


def delete_security_group(target: Target, group_id: str) -> None:
    """DeleteSecurityGroup. Raises InUse while an instance, a load balancer or another group's rule needs it.

    Took effect if `security_group_named` no longer shows it.
    """
    call(target, SERVICE, "DeleteSecurityGroup", GroupId=group_id)


def _group(shape: Shape) -> SecurityGroupState:
    permissions = shape.get("IpPermissions") or ()
    return SecurityGroupState(
        id=shape["GroupId"],
        name=shape["GroupName"],
        vpc_id=shape.get("VpcId", ""),
        ingress=tuple(sorted(rule for permission in permissions if _plain(permission) for rule in _rules(permission))),
        others=not all(map(_plain, permissions)),
        tags=tags(shape.get("Tags")),
    )


def _plain(permission: Shape) -> bool:
    return permission.get("IpProtocol") == "tcp" and permission.get("FromPort") == permission.get("ToPort")


def _rules(permission: Shape) -> Iterator[Ingress]:
    port = permission["FromPort"]
    for each in permission.get("IpRanges") or ():
        yield Ingress(port, each["CidrIp"])
    for each in permission.get("UserIdGroupPairs") or ():
        yield Ingress(port, each["GroupId"])


def _filters(wanted: Mapping[str, str]) -> list[dict[str, object]]:
    return [{"Name": name, "Values": [value]} for name, value in wanted.items()]
