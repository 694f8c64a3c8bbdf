"""The policy that the installation page gives: each of its rows is needed, and enough, for the call that it is for."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.model import ListShape, Shape, StructureShape

from tests.cloud_fixture import Place, new_place
from tests.deployments.lite import cloud
from tools import iam

__all__ = ["cloud"]

DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
FREE = "sts:GetCallerIdentity"  # AWS lets everybody call it
OURS = ["iam:CreateRole", "iam:PutRolePolicy"]  # to set the policies, which the console never does
SERVICES = {"elasticloadbalancing": ("elbv2", "elb"), "servicequotas": ("service-quotas",)}
TAGS = [{"ResourceType": "instance", "Tags": [{"Key": "a", "Value": "b"}]}]
DEPENDENT = {each.action: each for each in iam.DEPENDENT if each.action not in iam.called()}


@pytest.fixture(scope="module")
def role(cloud: Any) -> Place:
    place = new_place(cloud)
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    place.client("iam").create_role(RoleName="console", AssumeRolePolicyDocument=trust)
    for name, data in (("plain", {}), ("tagging", {"TagSpecifications": TAGS}), ("profiled", PROFILE)):
        template = {"ImageId": "ami-0123456789abcdef0", "InstanceType": "t3.small", **data}
        place.client("ec2").create_launch_template(LaunchTemplateName=name, LaunchTemplateData=template)
    return place


PROFILE = {"IamInstanceProfile": {"Name": "web"}}


def allow(role: Place, actions: Iterable[str]) -> None:
    statement = {"Effect": "Allow", "Action": [*actions, *OURS], "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    role.client("iam").put_role_policy(RoleName="console", PolicyName="console", PolicyDocument=document)


@pytest.mark.parametrize("action", [row.action for row in iam.rows() if row.action not in {FREE, *DEPENDENT}])
def test_a_call_is_refused_without_its_row_and_let_through_with_it(action: str, role: Place) -> None:
    allow(role, set(iam.granted()) - {action})
    code, message = answer(role, action)
    assert code in DENIED, f"{code}: {message}"
    assert f"perform: {action} " in message
    allow(role, iam.granted())
    assert answer(role, action)[0] not in DENIED


@pytest.mark.parametrize(
    ("action", "template"), [("ec2:RunInstances", "plain"), ("ec2:CreateTags", "tagging"), ("iam:PassRole", "profiled")]
)
def test_what_aws_asks_for_besides_a_group_is_refused_by_name(action: str, template: str, role: Place) -> None:
    rows = {row.action for row in iam.rows()}
    allow(role, rows - {action})
    code, message = created(role, template)
    assert (code in DENIED, f"perform: {action} " in message) == (True, True), f"{code}: {message}"
    allow(role, rows)
    assert created(role, template)[0] not in DENIED


def test_a_target_group_with_tags_needs_their_permission_too(role: Place) -> None:
    allow(role, set(iam.granted()) - {"elasticloadbalancing:AddTags"})
    client = role.client("elbv2")
    wanted: dict[str, Any] = {"Name": "tagged", "Tags": [{"Key": "a", "Value": "b"}]}
    code, message = told(client.create_target_group, **wanted)
    assert (code in DENIED, "elasticloadbalancing:AddTags" in message) == (True, True), f"{code}: {message}"
    allow(role, iam.granted())
    assert told(client.create_target_group, **wanted)[0] not in DENIED


def created(role: Place, template: str) -> tuple[str, str]:
    return told(
        role.client("autoscaling").create_auto_scaling_group,
        AutoScalingGroupName=f"of-{template}",
        LaunchTemplate={"LaunchTemplateName": template, "Version": "1"},
        MinSize=0,
        MaxSize=0,
        AvailabilityZones=["us-east-1a"],
    )


def answer(role: Place, action: str) -> tuple[str, str]:
    """The error that a call meets with just what it must have; whatever is wrong with that comes later."""
    prefix, _, operation = action.partition(":")
    for service in SERVICES.get(prefix, (prefix,)):
        client = role.client(service)
        if operation in client.meta.service_model.operation_names:
            shape = client.meta.service_model.operation_model(operation).input_shape
            return told(getattr(client, xform_name(operation)), **(filled(shape) if shape else {}))
    raise AssertionError(f"no service of boto3 has {action}")


def told(call: Any, **params: Any) -> tuple[str, str]:
    try:
        call(**params)
    except ClientError as error:
        return str(error.response["Error"]["Code"]), str(error.response["Error"]["Message"])
    return "", ""


def filled(shape: Shape, *, within: bool = False) -> Any:
    """The least that botocore lets pass; `within` another, not nothing."""
    if isinstance(shape, StructureShape):
        names = shape.required_members or [*shape.members][: int(within)]
        return {name: filled(shape.members[name], within=True) for name in names}
    if isinstance(shape, ListShape):
        return [filled(shape.member, within=True)]
    if shape.type_name in {"integer", "long"}:
        return max(1, shape.metadata.get("min", 1))
    plain: dict[str, Any] = {"boolean": True, "timestamp": "2026-01-01T00:00:00Z", "double": 1.0, "float": 1.0}
    if shape.type_name in plain:
        return plain[shape.type_name]
    return shape.metadata.get("enum", ["x" * max(1, shape.metadata.get("min", 1))])[0]
