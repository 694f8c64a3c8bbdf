"""Groups that launch from a mixed instances policy or a launch configuration."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.contract.stack import Stack, refused

pytestmark = pytest.mark.documented


def _mixed(template: str, *overrides: dict[str, Any], **distribution: Any) -> dict[str, Any]:
    inner = {
        "LaunchTemplateSpecification": {"LaunchTemplateId": template, "Version": "1"},
        "Overrides": list(overrides),
    }
    return {"LaunchTemplate": inner, "InstancesDistribution": distribution}


def _group(stack: Stack, size: int, **settings: Any) -> str:
    """A group without a plain launch template."""
    name = stack.name()
    wanted = {"MinSize": 0, "MaxSize": 6, "DesiredCapacity": size, "VPCZoneIdentifier": ",".join(stack.subnets)}
    stack.asg.create_auto_scaling_group(AutoScalingGroupName=name, **wanted, **settings)
    stack.delete_after(name)
    return name


def _configuration(stack: Stack, **settings: Any) -> str:
    data, name = stack.launch_data(), stack.name()
    if "UserData" in data:  # boto3 encodes it here, and not in launch templates
        data["UserData"] = base64.b64decode(data["UserData"]).decode()
    stack.asg.create_launch_configuration(LaunchConfigurationName=name, **{**data, **settings})
    return name


def test_a_mixed_policy_launches_its_overrides_and_is_described_in_place_of_a_template(quick: Stack) -> None:
    """API reference, MixedInstancesPolicy: the group has no LaunchTemplate then; members show theirs."""
    template, other = quick.template(), quick.template("2")
    reference = {"LaunchTemplateId": other, "Version": "1"}
    override = {"InstanceType": "t3.small", "LaunchTemplateSpecification": reference}
    name = _group(quick, 1, MixedInstancesPolicy=_mixed(template, override, {"InstanceType": "t3.micro"}))
    member, shown = quick.in_service(name, 1)[0], quick.described(name)
    assert (member["InstanceType"], member["LaunchTemplate"]["LaunchTemplateId"]) == ("t3.small", other)
    assert "LaunchTemplate" not in shown
    policy = shown["MixedInstancesPolicy"]
    assert policy["LaunchTemplate"]["LaunchTemplateSpecification"]["LaunchTemplateId"] == template
    assert [one["InstanceType"] for one in policy["LaunchTemplate"]["Overrides"]] == ["t3.small", "t3.micro"]
    assert policy["InstancesDistribution"]["OnDemandPercentageAboveBaseCapacity"] == 100


def test_spot_instances_fill_what_the_distribution_leaves_them(quick: Stack) -> None:
    """API reference, InstancesDistribution: a base of On-Demand, and a percentage above it."""
    distribution = {"OnDemandBaseCapacity": 1, "OnDemandPercentageAboveBaseCapacity": 50}
    policy = _mixed(quick.template(), SpotAllocationStrategy="capacity-optimized", **distribution)
    name = _group(quick, 5, MixedInstancesPolicy=policy)
    ids = [one["InstanceId"] for one in quick.in_service(name, 5)]
    found = [one["Instances"][0] for one in quick.ec2.describe_instances(InstanceIds=ids)["Reservations"]]
    assert sum(one.get("InstanceLifecycle") == "spot" for one in found) == 2


def test_weighted_overrides_count_for_what_they_weigh(quick: Stack) -> None:
    """API reference, LaunchTemplateOverrides: WeightedCapacity."""
    override = {"InstanceType": "t3.small", "WeightedCapacity": "2"}
    name = _group(quick, 4, MixedInstancesPolicy=_mixed(quick.template(), override))
    assert {one["WeightedCapacity"] for one in quick.in_service(name, 2)} == {"2"}
    quick.asg.set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=2)
    quick.in_service(name, 1)


def test_a_mixed_policy_that_cannot_be_launched_is_refused(quick: Stack) -> None:
    """Checked at creation, as a plain launch template is."""
    arm = _mixed(quick.template(), {"InstanceType": "t4g.small"})
    wanted = {"MinSize": 0, "MaxSize": 1, "VPCZoneIdentifier": quick.subnets[0]}
    create = quick.asg.create_auto_scaling_group
    for policy in (arm, _mixed("lt-0123456789abcdef0")):
        code = refused(create, AutoScalingGroupName=quick.name(), MixedInstancesPolicy=policy, **wanted)
        assert code == "ValidationError"


@pytest.mark.shape
def test_a_launch_configuration_launches_until_the_group_takes_a_template(quick: Stack) -> None:
    """API reference, CreateLaunchConfiguration, DeleteLaunchConfiguration: not while a group uses it."""
    configuration = _configuration(quick, UserData="#!/bin/sh\n")
    name = _group(quick, 1, LaunchConfigurationName=configuration)
    member = quick.in_service(name, 1)[0]
    assert member["LaunchConfigurationName"] == configuration
    assert "LaunchTemplate" not in member
    assert quick.described(name)["LaunchConfigurationName"] == configuration
    describe = quick.asg.describe_launch_configurations
    shown = describe(LaunchConfigurationNames=[configuration])["LaunchConfigurations"][0]
    assert base64.b64decode(shown["UserData"]) == b"#!/bin/sh\n"
    delete = quick.asg.delete_launch_configuration
    assert refused(delete, LaunchConfigurationName=configuration) == "ResourceInUse"
    reference = {"LaunchTemplateId": quick.template(), "Version": "1"}
    quick.asg.update_auto_scaling_group(AutoScalingGroupName=name, LaunchTemplate=reference)
    assert "LaunchConfigurationName" not in quick.described(name)
    assert quick.described(name)["Instances"][0]["LaunchConfigurationName"] == configuration
    delete(LaunchConfigurationName=configuration)
    assert describe(LaunchConfigurationNames=[configuration])["LaunchConfigurations"] == []


@pytest.mark.shape
def test_a_launch_configuration_needs_image_and_type_and_a_name_of_its_own(quick: Stack) -> None:
    """API reference, CreateLaunchConfiguration."""
    create, configuration = quick.asg.create_launch_configuration, _configuration(quick)
    again = {"LaunchConfigurationName": configuration, **quick.launch_data()}
    assert refused(create, **again) == "AlreadyExists"
    assert refused(create, LaunchConfigurationName=quick.name(), InstanceType="t3.micro") == "ValidationError"
    quick.asg.delete_launch_configuration(LaunchConfigurationName=configuration)
