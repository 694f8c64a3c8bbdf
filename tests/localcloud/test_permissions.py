"""Roles with policies: simulated, and kept to what they may do; DryRun tells beforehand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.cloud_fixture import Place, cloud, place
from tests.contract.stack import Embedded, refused

__all__ = ["cloud", "place"]


def _statement(effect: str, actions: str | list[str], resources: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": actions, "Resource": resources, **more}


def _allow(place: Place, *statements: dict[str, Any]) -> None:
    """Makes the console's role of the account real, with these statements."""
    iam = place.client("iam")
    trust = {"Version": "2012-10-17", "Statement": []}
    iam.create_role(RoleName="console", AssumeRolePolicyDocument=json.dumps(trust))
    document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    half = iam.create_policy(PolicyName="attached", PolicyDocument=document)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="console", PolicyArn=half)


def _told(call: Any, **arguments: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


def test_a_role_is_simulated_over_its_attached_and_inline_policies(place: Place) -> None:
    iam = place.client("iam")
    everything = _statement("Allow", "iam:*")
    _allow(place, everything, _statement("Allow", ["ec2:Describe*", "autoscaling:*"]))
    denied = {
        "Version": "2012-10-17",
        "Statement": _statement("Deny", "autoscaling:DeleteAutoScalingGroup", "arn:aws:autoscaling:*:*:*prod*"),
    }
    iam.put_role_policy(RoleName="console", PolicyName="inline", PolicyDocument=json.dumps(denied))

    def decisions(*actions: str, resource: str = "*") -> list[str]:
        told = iam.simulate_principal_policy(
            PolicySourceArn=place.role_arn, ActionNames=list(actions), ResourceArns=[resource]
        )
        assert [one["EvalActionName"] for one in told["EvaluationResults"]] == list(actions)
        return [one["EvalDecision"] for one in told["EvaluationResults"]]

    assert decisions("ec2:DescribeImages", "ec2:RunInstances") == ["allowed", "implicitDeny"]
    deletion = "autoscaling:DeleteAutoScalingGroup"
    prefix = f"arn:aws:autoscaling:us-east-1:{place.account}:autoScalingGroup:*:autoScalingGroupName"
    assert decisions(deletion, resource=f"{prefix}/web-test-v001") == ["allowed"]
    assert decisions(deletion, resource=f"{prefix}/web-prod-v001") == ["explicitDeny"]
    foreign = "arn:aws:iam::111111111111:role/console"
    code = refused(iam.simulate_principal_policy, PolicySourceArn=foreign, ActionNames=[deletion])
    assert code == "InvalidInput"


def test_conditions_count_when_their_key_is_given(place: Place) -> None:
    iam = place.client("iam")
    here = {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}
    _allow(place, _statement("Allow", "iam:*"), _statement("Allow", "ec2:*", Condition=here))

    def decision(*regions: str) -> tuple[str, list[str]]:
        entries = [
            {"ContextKeyName": "aws:RequestedRegion", "ContextKeyValues": [one], "ContextKeyType": "string"}
            for one in regions
        ]
        told = iam.simulate_principal_policy(
            PolicySourceArn=place.role_arn, ActionNames=["ec2:RunInstances"], ContextEntries=entries
        )
        result = told["EvaluationResults"][0]
        return result["EvalDecision"], result["MissingContextValues"]

    assert decision() == ("implicitDeny", ["aws:RequestedRegion"])
    assert decision("eu-west-1") == ("allowed", [])
    assert decision("us-east-1") == ("implicitDeny", [])
    assert refused(place.client("ec2").describe_instances) == "UnauthorizedOperation", "the calls are in us-east-1"


def test_a_role_with_policies_is_kept_to_them_in_each_services_words(place: Place) -> None:
    _allow(
        place,
        _statement("Allow", ["ec2:Describe*", "autoscaling:*", "elasticloadbalancing:Describe*"]),
        _statement(
            "Deny",
            "autoscaling:SetDesiredCapacity",
            "arn:aws:autoscaling:*:*:autoScalingGroup:*:autoScalingGroupName/web-prod-*",
        ),
    )
    asg = place.client("autoscaling")
    assert asg.describe_auto_scaling_groups()["AutoScalingGroups"] == []
    assert place.client("ec2").describe_subnets()["Subnets"]
    place.client("sts").get_caller_identity()
    code, message = _told(asg.set_desired_capacity, AutoScalingGroupName="web-prod-v001", DesiredCapacity=1)
    assert code == "AccessDenied"
    assert "assumed-role/console/tests is not authorized to perform: autoscaling:SetDesiredCapacity" in message
    assert message.endswith("with an explicit deny in an identity-based policy")
    code, _ = _told(asg.set_desired_capacity, AutoScalingGroupName="web-test-v001", DesiredCapacity=1)
    assert code == "ValidationError", "that one is only not there"
    code, message = _told(place.client("elbv2").delete_target_group, TargetGroupArn="arn:aws:tg")
    assert code == "AccessDenied"
    assert "because no identity-based policy allows the elasticloadbalancing:DeleteTargetGroup action" in message
    code, message = _told(place.client("cloudwatch").describe_alarms)
    assert code == "AccessDenied"
    assert "cloudwatch:DescribeAlarms" in message
    assert refused(place.client("service-quotas").list_services) == "AccessDeniedException"
    assert refused(place.client("iam").list_roles) == "AccessDenied"


def test_a_dry_run_tells_whether_it_would_be_allowed(place: Place, tmp_path: Path) -> None:
    stack = Embedded(place, tmp_path)
    template, data = stack.template(), stack.launch_data()
    ec2 = place.client("ec2")
    calls = {
        "create_launch_template_version": {"LaunchTemplateId": template, "LaunchTemplateData": data},
        "delete_launch_template_versions": {"LaunchTemplateId": template, "Versions": ["2"]},
        "modify_launch_template": {"LaunchTemplateId": template, "DefaultVersion": "1"},
        "run_instances": {**data, "MinCount": 1, "MaxCount": 1},
        "create_tags": {"Resources": [template], "Tags": [{"Key": "a", "Value": "b"}]},
        "describe_launch_template_versions": {"LaunchTemplateId": template},
        "describe_instances": {},
        "describe_images": {},
        "describe_subnets": {},
    }
    for name, arguments in calls.items():
        assert refused(getattr(ec2, name), **arguments, DryRun=True) == "DryRunOperation", name
    assert len(ec2.describe_launch_template_versions(LaunchTemplateId=template)["LaunchTemplateVersions"]) == 1
    assert ec2.describe_instances()["Reservations"] == []
    _allow(place, _statement("Allow", "autoscaling:*"))
    for name, arguments in calls.items():
        assert refused(getattr(ec2, name), **arguments, DryRun=True) == "UnauthorizedOperation", name


def test_a_role_without_policies_or_that_was_never_made_may_do_everything_and_is_told_so(place: Place) -> None:
    iam = place.client("iam")
    for _ in range(2):
        told = iam.simulate_principal_policy(PolicySourceArn=place.role_arn, ActionNames=["ec2:RunInstances"])
        assert [one["EvalDecision"] for one in told["EvaluationResults"]] == ["allowed"]
        if not iam.list_roles()["Roles"]:
            iam.create_role(RoleName="console", AssumeRolePolicyDocument="{}")
    assert place.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"] == []
