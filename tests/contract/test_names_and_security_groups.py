"""Route 53's records and EC2's security groups: what is refused, and what is described."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.stack import Stack, refused

pytestmark = pytest.mark.documented


@pytest.fixture
def zone(stack: Stack) -> Iterator[str]:
    route53 = stack.client("route53")
    name = f"{secrets.token_hex(4)}.example.com"
    made = route53.create_hosted_zone(Name=name, CallerReference=name)["HostedZone"]["Id"].rpartition("/")[2]
    yield made
    route53.delete_hosted_zone(Id=made)


@pytest.fixture
def group(stack: Stack) -> Iterator[str]:
    made = stack.ec2.create_security_group(GroupName=stack.name("sg"), Description="tests", VpcId=stack.vpc)["GroupId"]
    yield made
    stack.ec2.delete_security_group(GroupId=made)


def test_a_record_is_made_once_and_taken_away_as_it_stands(stack: Stack, zone: str) -> None:
    """API reference, ChangeResourceRecordSets: CREATE fails where the record exists, DELETE where it differs."""
    route53, balancer = stack.client("route53"), stack.balancer()
    name = route53.get_hosted_zone(Id=zone)["HostedZone"]["Name"]

    def change(action: str, target: str) -> dict[str, Any]:
        alias = {"HostedZoneId": balancer["CanonicalHostedZoneId"], "DNSName": target, "EvaluateTargetHealth": False}
        record = {"Name": f"a.{name}", "Type": "A", "AliasTarget": alias}
        batch = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
        return {"HostedZoneId": zone, "ChangeBatch": batch}

    address = f"{balancer['DNSName']}.".lower()
    route53.change_resource_record_sets(**change("CREATE", address))
    assert refused(route53.change_resource_record_sets, **change("CREATE", address)) == "InvalidChangeBatch"
    other = change("DELETE", f"other-{address}")
    assert refused(route53.change_resource_record_sets, **other) == "InvalidChangeBatch"
    found = route53.list_resource_record_sets(HostedZoneId=zone, StartRecordName=f"a.{name}")["ResourceRecordSets"]
    assert found[0]["AliasTarget"]["DNSName"] == address
    route53.change_resource_record_sets(**change("DELETE", address))
    assert refused(route53.change_resource_record_sets, **change("DELETE", address)) == "InvalidChangeBatch"


def test_a_security_group_has_one_name_in_a_vpc_and_each_rule_once(stack: Stack, group: str) -> None:
    """API reference: InvalidGroup.Duplicate, InvalidPermission.Duplicate."""
    name = stack.ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["GroupName"]
    again = {"GroupName": name, "Description": "tests", "VpcId": stack.vpc}
    assert refused(stack.ec2.create_security_group, **again) == "InvalidGroup.Duplicate"
    rule = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    stack.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    allow = stack.ec2.authorize_security_group_ingress
    assert refused(allow, GroupId=group, IpPermissions=[rule]) == "InvalidPermission.Duplicate"


def test_a_security_group_that_another_one_lets_in_is_not_deleted(stack: Stack, group: str) -> None:
    """API reference, DeleteSecurityGroup: DependencyViolation while it is referenced."""
    name = stack.name("sg")
    other = stack.ec2.create_security_group(GroupName=name, Description="tests", VpcId=stack.vpc)["GroupId"]
    pairs = [{"GroupId": group}]
    rule = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": pairs}
    stack.ec2.authorize_security_group_ingress(GroupId=other, IpPermissions=[rule])
    try:
        assert refused(stack.ec2.delete_security_group, GroupId=group) == "DependencyViolation"
    finally:
        stack.ec2.delete_security_group(GroupId=other)
