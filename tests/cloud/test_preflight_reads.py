"""What pre-flight reads: addresses, offers, quotas, dry runs and what a role may do, as AWS words them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from apps.cloud import errors
from apps.cloud.aws import ec2, iam, launching, quotas, sts
from apps.cloud.aws.session import observe
from apps.cloud.values import LaunchTemplateVersion, Target

ROLE = "arn:aws:iam::123456789012:role/console"


@pytest.fixture
def template():
    interfaces = [{"DeviceIndex": 0, "Groups": ["sg-1"]}]
    data = {"NetworkInterfaces": interfaces}
    return LaunchTemplateVersion("lt-1", "shop", 7, "ami-1", "t3.small", "", datetime.now(UTC), data=data)


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch):
    monkeypatch.setattr(quotas, "_quotas", {})
    monkeypatch.setattr(launching, "_offered", {})


def ec2_error(code, message="because"):
    return f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors></Response>"


def test_a_dry_run_that_would_succeed_is_a_reading_call_that_went_well(aws, anywhere, template):
    aws.answer(412, ec2_error("DryRunOperation", "Request would have succeeded"))
    calls = []
    with observe(calls.append):
        launching.try_launch(anywhere, template, "ami-2", subnet="subnet-1", instance_type="t3.large")
    assert [(call.operation, call.outcome, call.changing) for call in calls] == [("RunInstances", "ok", False)]
    asked = aws.asked[0]
    assert (asked["DryRun"], asked["ImageId"], asked["LaunchTemplate.Version"]) == ("true", "ami-2", "7")
    assert "SubnetId" not in asked  # AWS refuses it beside interfaces
    assert asked["NetworkInterface.1.SubnetId"] == "subnet-1"


@pytest.mark.parametrize(
    ("code", "kind"), [("UnauthorizedOperation", errors.Denied), ("InvalidKeyPair.NotFound", errors.NotFound)]
)
def test_a_dry_run_that_would_fail_says_why(aws, anywhere, template, code, kind):
    aws.answer(400, ec2_error(code, "no such thing"))
    with pytest.raises(kind, match="no such thing"):
        launching.try_launch(anywhere, template, "ami-2", subnet="subnet-1")
    with pytest.raises(kind):
        launching.try_template_change(anywhere, "lt-1", "CreateLaunchTemplateVersion")


def test_the_simulator_is_asked_for_each_action_and_its_decisions_are_read(aws, anywhere):
    aws.answer(
        200,
        "<SimulatePrincipalPolicyResponse><SimulatePrincipalPolicyResult><IsTruncated>false</IsTruncated>"
        "<EvaluationResults><member><EvalActionName>ec2:RunInstances</EvalActionName><EvalDecision>implicitDeny"
        "</EvalDecision><EvalResourceName>*</EvalResourceName><MissingContextValues><member>aws:PrincipalTag/x</member>"
        "</MissingContextValues></member></EvaluationResults>"
        "</SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>",
    )
    (found,) = iam.simulate(anywhere, ROLE, ["ec2:RunInstances"], tags={"owner": "shop"})
    assert (found.action, found.allowed, found.missing) == ("ec2:RunInstances", False, ("aws:PrincipalTag/x",))
    assert (aws.asked[0]["PolicySourceArn"], aws.asked[0]["ActionNames.member.1"]) == (ROLE, "ec2:RunInstances")
    keys = {value for name, value in aws.asked[0].items() if name.endswith("ContextKeyName")}
    assert {"aws:RequestedRegion", "autoscaling:ResourceTag/owner", "ec2:CreateAction"} <= keys


def test_a_quota_is_read_once_in_a_while_with_where_its_use_is_told(aws, anywhere):
    aws.answer(
        200,
        '{"Quota": {"QuotaName": "Running On-Demand Standard", "Value": 64.0, "UsageMetric": {"MetricNamespace": '
        '"AWS/Usage", "MetricName": "ResourceCount", "MetricDimensions": {"Service": "EC2"}}}}',
    )
    for _ in range(2):
        found = quotas.quota(anywhere, "ec2", "L-1216C47A")
        assert (found.value, found.namespace, found.dimensions) == (64.0, "AWS/Usage", {"Service": "EC2"})
    assert len(aws.asked) == 1


def test_the_limits_of_load_balancing_are_read_by_name(aws, anywhere):
    aws.answer(
        200,
        "<DescribeAccountLimitsResponse><DescribeAccountLimitsResult><Limits><member><Name>target-groups</Name>"
        "<Max>3000</Max></member></Limits></DescribeAccountLimitsResult></DescribeAccountLimitsResponse>",
    )
    assert quotas.balancing_limits(anywhere) == {"target-groups": 3000}


@pytest.mark.parametrize(
    ("arn", "principal"),
    [
        ("arn:aws:iam::123456789012:root", ""),
        ("arn:aws:iam::123456789012:user/ann", "arn:aws:iam::123456789012:user/ann"),
        ("arn:aws:sts::123456789012:assumed-role/console/i-1", ROLE),
    ],
)
def test_whose_policies_hold_is_told_by_our_identity(aws, anywhere, arn, principal):
    aws.answer(
        200,
        f"<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>{arn}</Arn><UserId>A</UserId>"
        "<Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
    )
    assert sts.principal(anywhere) == principal
    assert sts.principal(Target(anywhere.account, anywhere.region, ROLE)) == ROLE


def test_subnets_offers_and_limits_of_the_embedded_cloud(target):
    everywhere = {subnet.zone for subnet in launching.subnets(target, default_of=["us-east-1a", "us-east-1b"])}
    assert everywhere == {"us-east-1a", "us-east-1b"}
    assert all(
        subnet.free_addresses > 100 for subnet in launching.subnets(target, default_of=["us-east-1a", "us-east-1b"])
    )
    assert launching.subnets(target, ["subnet-0123456789abcdef0"]) == ()
    assert launching.offered(target, ["t3.small"])["us-east-1a"] == {"t3.small"}
    assert ec2.type_facts(target, ["t3.small"])["t3.small"].vcpus == 2
    assert launching.running_types(target) == {}
    limits = quotas.scaling_limits(target)
    assert limits.groups == 0
    assert limits.most_groups > 0
