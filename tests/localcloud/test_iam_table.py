"""What the page on connecting an account gives: each permission is needed, and enough, for the call that it is for."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.model import ListShape, Shape, StructureShape

from apps.cloud.tags import RUN_TAG
from apps.localcloud import sample
from tests.cloud_fixture import Place, new_place
from tests.deployments.lite import cloud
from tests.world import wait_for
from tools import iam, iam_policy

__all__ = ["cloud"]

DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
FREE = "sts:GetCallerIdentity"  # AWS lets everybody call it
OURS = ["iam:CreateRole", "iam:PutRolePolicy"]  # to set the policies, which the console never does
SERVICES = {"elasticloadbalancing": ("elbv2", "elb"), "servicequotas": ("service-quotas",)}
TAG = [{"Key": "a", "Value": "b"}]
PROFILES = {"profiled": "web", "named": iam_policy.INSTANCES_ROLE}
FIRST = "iam:CreateServiceLinkedRole"  # asked for with an account's first group
BESIDES_A_GROUP = [("ec2:RunInstances", "plain"), ("ec2:CreateTags", "tagging"), ("iam:PassRole", "profiled")]
BESIDES_WHAT_HAS_TAGS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "elasticloadbalancing:AddTags": ("elbv2", "create_target_group", {"Name": "tagged", "Tags": TAG}),
    "ec2:CreateTags": (
        "ec2",
        "create_launch_template",
        {
            "LaunchTemplateName": "tagged",
            "LaunchTemplateData": {"InstanceType": "t3.small"},
            "TagSpecifications": [{"ResourceType": "launch-template", "Tags": TAG}],
        },
    ),
    "cloudwatch:TagResource": (
        "cloudwatch",
        "put_metric_alarm",
        {"AlarmName": "tagged", "ComparisonOperator": "LessThanThreshold", "EvaluationPeriods": 1, "Tags": TAG},
    ),
}


@pytest.fixture(scope="module")
def role(cloud: Any) -> Place:
    """An account that had groups before."""
    place = connected(new_place(cloud))
    place.client("iam").create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com")
    return place


def connected(place: Place) -> Place:
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    place.client("iam").create_role(RoleName="console", AssumeRolePolicyDocument=trust)
    profiles = {name: {"IamInstanceProfile": {"Name": profile}} for name, profile in PROFILES.items()}
    tagging = {"TagSpecifications": [{"ResourceType": "instance", "Tags": TAG}]}
    for name, data in {"plain": {}, "tagging": tagging, **profiles}.items():
        template = {"ImageId": "ami-0123456789abcdef0", "InstanceType": "t3.small", **data}
        place.client("ec2").create_launch_template(LaunchTemplateName=name, LaunchTemplateData=template)
    return place


def allow(role: Place, actions: Iterable[str], *documents: iam_policy.Document) -> None:
    statement = {"Effect": "Allow", "Action": [*actions, *OURS], "Resource": "*"}
    more = [each for document in documents for each in document["Statement"]]
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement, *more]})
    document = document.replace(iam_policy.ACCOUNT, role.account)
    role.client("iam").put_role_policy(RoleName="console", PolicyName="console", PolicyDocument=document)


def test_every_permission_that_aws_asks_for_besides_is_tried_here() -> None:
    tried = {FIRST, *dict(BESIDES_A_GROUP), *BESIDES_WHAT_HAS_TAGS}
    assert {each.action for each in iam.DEPENDENT} == tried
    assert {row.action for row in iam.rows()} == iam.called() | tried


@pytest.mark.parametrize("action", sorted(iam.called() - {FREE}))
def test_a_call_is_refused_without_its_row_and_let_through_with_it(action: str, role: Place) -> None:
    allow(role, set(iam.granted()) - {action})
    refused(answer(role, action), action)
    allow(role, iam.granted())
    assert answer(role, action)[0] not in DENIED


@pytest.mark.parametrize(("action", "template"), BESIDES_A_GROUP)
def test_what_aws_asks_for_besides_a_group_is_refused_by_name(action: str, template: str, role: Place) -> None:
    rows = {row.action for row in iam.rows()}
    allow(role, rows - {action})
    refused(created(role, template), action)
    allow(role, rows)
    assert created(role, template)[0] not in DENIED


@pytest.mark.parametrize("action", BESIDES_WHAT_HAS_TAGS)
def test_what_is_made_with_tags_needs_their_permission_too(action: str, role: Place) -> None:
    service, operation, params = BESIDES_WHAT_HAS_TAGS[action]
    allow(role, set(iam.granted()) - {action})
    refused(told(getattr(role.client(service), operation), **params), action)
    allow(role, iam.granted())
    assert told(getattr(role.client(service), operation), **params)[0] not in DENIED


def test_the_first_group_of_an_account_needs_its_role_made(cloud: Any, folder: Path) -> None:
    place = connected(new_place(cloud))
    image = {"ImageId": registered(place, folder), "InstanceType": "t3.small"}
    place.client("ec2").create_launch_template(LaunchTemplateName="good", LaunchTemplateData=image)
    allow(place, iam.granted())
    refused(created(place, "good"), FIRST)
    allow(place, iam.granted(), iam.blocks()["service-linked-role"])
    assert created(place, "good") == ("", "")
    allow(place, iam.granted())
    assert created(place, "good")[0] == "AlreadyExists", "it is made once"


def test_only_the_role_that_is_named_may_be_passed_on_and_only_to_whom_it_is_for(role: Place) -> None:
    allow(role, iam.granted(), iam.blocks()["pass-role"])
    refused(created(role, "profiled"), "iam:PassRole")
    assert created(role, "named")[0] not in DENIED
    arn = f"arn:aws:iam::{role.account}:role/{{}}"
    hook = {"LifecycleHookName": "ready", "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING"}
    other, named = ([{**hook, "RoleARN": arn.format(name)}] for name in ("other", iam_policy.INSTANCES_ROLE))
    refused(created(role, "plain", LifecycleHookSpecificationList=other), "iam:PassRole")
    assert created(role, "plain", LifecycleHookSpecificationList=named)[0] not in DENIED


def test_the_role_is_assumed_with_the_external_id_alone(cloud: Any, role: Place) -> None:
    trust = json.dumps(iam.blocks()["trust"])
    allow(role, iam.granted())
    role.client("iam").create_role(RoleName=iam_policy.ROLE, AssumeRolePolicyDocument=trust)
    sts = new_place(cloud).session.client("sts", endpoint_url=role.endpoint)  # whose keys may assume any role
    asked = {"RoleArn": f"arn:aws:iam::{role.account}:role/{iam_policy.ROLE}", "RoleSessionName": "tests"}
    for given in ({}, {"ExternalId": "somebody-elses"}):
        assert told(sts.assume_role, **asked, **given)[0] in DENIED
    assert told(sts.assume_role, **asked, ExternalId=iam_policy.EXTERNAL_ID) == ("", "")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = tmp_path_factory.mktemp("image") / "app"
    sample.build(tree, "app", "1")
    return tree


def test_only_what_a_run_of_the_console_made_may_be_ended(role: Place, folder: Path) -> None:
    allow(role, {"ec2:RegisterImage"}, iam.blocks()["change"])
    wanted = {"ImageId": registered(role, folder), "InstanceType": "t3.small", "MinCount": 1, "MaxCount": 1}
    tags = [{"ResourceType": "instance", "Tags": [{"Key": iam_policy.RUN_TAG, "Value": "7"}]}]
    client = role.client("ec2")
    ours, other = (
        client.run_instances(**wanted, **more)["Instances"][0]["InstanceId"]
        for more in ({"TagSpecifications": tags}, {})
    )
    refused(told(client.terminate_instances, InstanceIds=[other]), "ec2:TerminateInstances")
    assert told(client.terminate_instances, InstanceIds=[ours]) == ("", "")
    assert RUN_TAG == iam_policy.RUN_TAG


def test_reports_are_put_into_the_named_bucket_alone(role: Place) -> None:
    allow(role, {"s3:CreateBucket"}, iam.blocks()["look"], iam.blocks()["change"])
    client, bucket = role.client("s3"), iam_policy.BUCKET.rpartition(":")[2]
    client.create_bucket(Bucket=bucket)
    for name, refusal in ((bucket, ""), ("somebody-elses", "AccessDenied")):
        assert told(client.put_object, Bucket=name, Key="a", Body=b"x")[0] == refusal
        assert told(client.get_object, Bucket=name, Key="a")[0] == refusal


@pytest.fixture(scope="module")
def key(cloud: Any, folder: Path) -> tuple[Place, str]:
    """A place whose launch template `encrypted` starts instances with volumes under the key of this ARN."""
    place = new_place(cloud)
    arn = str(place.client("kms").create_key()["KeyMetadata"]["Arn"])
    volume = {"DeviceName": "/dev/xvda", "Ebs": {"Encrypted": True, "KmsKeyId": arn, "VolumeSize": 8}}
    data = {"ImageId": registered(place, folder), "InstanceType": "t3.small", "BlockDeviceMappings": [volume]}
    place.client("ec2").create_launch_template(LaunchTemplateName="encrypted", LaunchTemplateData=data)
    return place, arn


@pytest.mark.parametrize("row", iam_policy.KEY_ROWS)
def test_an_instance_with_a_volume_under_a_key_starts_only_with_every_row(row: str, key: tuple[Place, str]) -> None:
    keyed(*key, *(set(iam_policy.KEY_ROWS) - {row}))
    assert "Client.InvalidKMSKey.InvalidState" in launched(key[0], row)


def test_an_instance_with_a_volume_under_a_key_starts_with_all_rows_or_with_a_grant(key: tuple[Place, str]) -> None:
    place, arn = key
    keyed(place, arn, *iam_policy.KEY_ROWS)
    assert launched(place, "all") == ""
    keyed(place, arn, "kms:DescribeKey")
    said = iam.CONNECT.read_text().partition("--operations ")[2].splitlines()[0].split()
    role = f"arn:aws:iam::{place.account}:{iam_policy.SERVICE_ROLE}"
    place.client("kms").create_grant(KeyId=arn, GranteePrincipal=role, Operations=said)
    assert launched(place, "grant") == ""


def keyed(place: Place, arn: str, *rows: str) -> None:
    document = json.dumps({"Version": "2012-10-17", "Statement": iam_policy.key_policy(rows)})
    document = document.replace(iam_policy.ACCOUNT, place.account)
    place.client("kms").put_key_policy(KeyId=arn, PolicyName="default", Policy=document)


def launched(place: Place, name: str) -> str:
    """What a group of one says of its first launch; nothing if that went well."""
    name = f"of-{name.replace(':', '-').replace('*', '')}"
    client = place.client("autoscaling")
    assert created(place, "encrypted", AutoScalingGroupName=name, MaxSize=1, DesiredCapacity=1) == ("", "")

    def over() -> list[str]:
        found = client.describe_scaling_activities(AutoScalingGroupName=name)["Activities"]
        return [each.get("StatusMessage", "") for each in found if each["StatusCode"] in ("Failed", "Successful")]

    wait_for(over, f"the launch of {name} to end")
    said = over()[-1]
    client.delete_auto_scaling_group(AutoScalingGroupName=name, ForceDelete=True)
    return said


def registered(place: Place, folder: Path) -> str:
    image = {"Name": "app-1", "Architecture": "x86_64", "ImageLocation": f"localcloud:{folder}"}
    return str(place.client("ec2").register_image(**image)["ImageId"])


def created(role: Place, template: str, **more: Any) -> tuple[str, str]:
    wanted: dict[str, Any] = {
        "AutoScalingGroupName": f"of-{template}",
        "LaunchTemplate": {"LaunchTemplateName": template, "Version": "1"},
        "MinSize": 0,
        "MaxSize": 0,
        "AvailabilityZones": ["us-east-1a"],
    }
    return told(role.client("autoscaling").create_auto_scaling_group, **{**wanted, **more})


def refused(answer: tuple[str, str], action: str) -> None:
    code, message = answer
    assert code in DENIED, f"{code}: {message}"
    assert f"perform: {action} " in message


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
