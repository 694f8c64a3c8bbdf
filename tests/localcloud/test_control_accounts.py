"""Accounts and regions of one embedded cloud see nothing of each other, and an external id can be demanded."""

from __future__ import annotations

from pathlib import Path

from apps.localcloud import launch
from apps.localcloud.launch import RunningCloud
from tests.cloud_fixture import boto3_session, cloud, new_place
from tests.contract.stack import refused

__all__ = ["cloud"]


def test_what_one_account_makes_no_other_account_or_region_sees(cloud: RunningCloud) -> None:
    here = new_place(cloud)
    elsewhere = [new_place(cloud), new_place(cloud, "eu-west-1", here.account)]
    data = {"InstanceType": "t3.micro"}
    made = here.client("ec2").create_launch_template(LaunchTemplateName="mine", LaunchTemplateData=data)
    template_id = made["LaunchTemplate"]["LaunchTemplateId"]
    for place in elsewhere:
        ec2 = place.client("ec2")
        assert ec2.describe_launch_templates()["LaunchTemplates"] == []
        code = refused(ec2.describe_launch_templates, LaunchTemplateIds=[template_id])
        assert code == "InvalidLaunchTemplateId.NotFound"
        ec2.create_launch_template(LaunchTemplateName="mine", LaunchTemplateData=data)


def test_a_role_of_a_region_that_is_none_is_refused(cloud: RunningCloud) -> None:
    session = boto3_session("us-nowhere-1", cloud.access_key_id, cloud.secret_access_key)
    ec2 = session.client("ec2", endpoint_url=cloud.endpoint)
    assert refused(ec2.describe_instances) == "SignatureDoesNotMatch"


def test_with_an_external_id_set_a_role_is_assumed_by_it_alone(tmp_path: Path) -> None:
    running = launch.start(tmp_path, lite=True, external_id="console-1")
    try:
        root = boto3_session("us-east-1", running.access_key_id, running.secret_access_key)
        sts = root.client("sts", endpoint_url=running.endpoint)
        wanted = {"RoleArn": "arn:aws:iam::123456789012:role/console", "RoleSessionName": "tests"}
        assert refused(sts.assume_role, **wanted) == "AccessDenied"
        assert refused(sts.assume_role, **wanted, ExternalId="other") == "AccessDenied"
        assert sts.assume_role(**wanted, ExternalId="console-1")["Credentials"]
    finally:
        running.stop()
