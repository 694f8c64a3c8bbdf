"""Roles: assumed at first use with their external id, kept while they last, and renewed in time."""

import pytest

from apps.cloud import errors
from apps.cloud.aws import autoscaling
from apps.cloud.values import Target

ROLE = "arn:aws:iam::123456789012:role/console"


def actions(aws):
    return [each["Action"] for each in aws.asked]


def test_a_role_is_assumed_once_with_its_external_id(aws):
    target = Target("123456789012", "us-east-1", ROLE, "a-secret-between-us")
    aws.role(minutes=60)
    aws.groups("shop-v001")
    autoscaling.describe_groups(target)
    autoscaling.describe_groups(target)
    assert actions(aws) == ["AssumeRole", "DescribeAutoScalingGroups", "DescribeAutoScalingGroups"]
    assert (aws.asked[0]["RoleArn"], aws.asked[0]["ExternalId"]) == (ROLE, "a-secret-between-us")


def test_credentials_near_their_end_are_renewed_before_the_next_call(aws):
    target = Target("123456789012", "us-east-1", ROLE)
    aws.role(minutes=5)
    aws.groups("shop-v001")
    aws.role(minutes=60)
    aws.groups("shop-v001")
    autoscaling.describe_groups(target)
    autoscaling.describe_groups(target)
    assert actions(aws) == ["AssumeRole", "DescribeAutoScalingGroups"] * 2


def test_a_role_we_may_not_assume_is_denied_and_named(aws):
    aws.error(403, "AccessDenied", "not authorized to perform sts:AssumeRole")
    with pytest.raises(errors.Denied, match="AssumeRole: not authorized") as raised:
        autoscaling.delete_group(Target("123456789012", "us-east-1", ROLE), "shop-v001", force=True)
    assert raised.value.operation == "AssumeRole"
    assert actions(aws) == ["AssumeRole"]


def test_without_any_credentials_for_now_a_call_is_unavailable_and_may_be_repeated(aws, monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(errors.Unavailable, match="no usable credentials"):
        autoscaling.delete_group(Target("123456789012", "us-east-1", ROLE), "shop-v001", force=True)
    assert aws.asked == []
