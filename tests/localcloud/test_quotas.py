"""Quotas of the embedded cloud: told by Service Quotas, lowered by a request, and kept."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from apps.localcloud.launch import RunningCloud
from tests.cloud_fixture import Place, cloud, new_place, place
from tests.contract.stack import Embedded, refused

__all__ = ["cloud", "place"]

ELB = "elasticloadbalancing"
VCPU_REFUSAL = (
    "You have requested more vCPU capacity than your current vCPU limit of 4 allows for the instance bucket that the"
    " specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to request an"
    " adjustment to this limit."
)


@pytest.fixture
def stack(place: Place, tmp_path: Path) -> Iterator[Embedded]:
    made = Embedded(place, tmp_path)
    yield made
    made.clean_up()


def _set(place: Place, service: str, code: str, value: float) -> None:
    quotas = place.client("service-quotas")
    told = quotas.request_service_quota_increase(ServiceCode=service, QuotaCode=code, DesiredValue=value)
    assert told["RequestedQuota"]["Status"] == "APPROVED"
    assert quotas.get_service_quota(ServiceCode=service, QuotaCode=code)["Quota"]["Value"] == value


def test_quotas_are_told_with_awss_defaults_beside_the_present_values(place: Place) -> None:
    quotas = place.client("service-quotas")
    wanted = {"ServiceCode": "ec2", "QuotaCode": "L-1216C47A"}
    assert quotas.get_aws_default_service_quota(**wanted)["Quota"]["Value"] == 5
    present = quotas.get_service_quota(**wanted)["Quota"]
    assert present["Value"] > 1000
    assert present["QuotaName"].startswith("Running On-Demand Standard")
    codes = {one["QuotaCode"] for one in quotas.list_service_quotas(ServiceCode=ELB)["Quotas"]}
    assert {"L-B22855CB", "L-7EED9B64", "L-E9E9831D"} <= codes
    assert refused(quotas.get_service_quota, ServiceCode="ec2", QuotaCode="L-00000000") == "NoSuchResourceException"
    assert refused(quotas.list_service_quotas, ServiceCode="s3") == "NoSuchResourceException"


def test_a_quota_is_one_accounts_own(cloud: RunningCloud, place: Place) -> None:
    _set(place, "autoscaling", "L-CDE20ADC", 3)
    other = new_place(cloud).client("service-quotas")
    assert other.get_service_quota(ServiceCode="autoscaling", QuotaCode="L-CDE20ADC")["Quota"]["Value"] != 3


def test_one_target_group_rule_listener_or_balancer_too_many_is_refused(stack: Embedded, place: Place) -> None:
    first, balancer = stack.target_group(), stack.balancer()
    listener = stack.listener(first, balancer=balancer)
    for code, value in (("L-B22855CB", 1), ("L-7EED9B64", 0), ("L-B6DF7632", 1), ("L-53DA6B97", 1)):
        _set(place, ELB, code, value)
    actions = [{"Type": "forward", "TargetGroupArn": first}]
    conditions = [{"Field": "path-pattern", "Values": ["/x"]}]
    create = stack.elb.create_target_group
    assert refused(create, Name="two", Protocol="HTTP", Port=80, VpcId=stack.vpc) == "TooManyTargetGroups"
    create = stack.elb.create_rule
    assert refused(create, ListenerArn=listener, Priority=1, Conditions=conditions, Actions=actions) == "TooManyRules"
    create = stack.elb.create_listener
    wanted = {"LoadBalancerArn": balancer["LoadBalancerArn"], "Protocol": "HTTP", "Port": 8001}
    assert refused(create, **wanted, DefaultActions=actions) == "TooManyListeners"
    assert refused(stack.elb.create_load_balancer, Name="two", Subnets=stack.subnets) == "TooManyLoadBalancers"
    limits = {one["Name"]: one["Max"] for one in stack.elb.describe_account_limits()["Limits"]}
    assert limits["target-groups"] == "1"


def test_one_group_too_many_is_refused(stack: Embedded, place: Place) -> None:
    template = stack.template()
    stack.group(template, 0)
    _set(place, "autoscaling", "L-CDE20ADC", 1)
    wanted = {"AutoScalingGroupName": "two", "MinSize": 0, "MaxSize": 0, "VPCZoneIdentifier": stack.subnets[0]}
    launch = {"LaunchTemplate": {"LaunchTemplateId": template, "Version": "1"}}
    assert refused(stack.asg.create_auto_scaling_group, **wanted, **launch) == "LimitExceeded"


def test_one_target_too_many_is_refused(stack: Embedded, place: Place) -> None:
    arn = stack.target_group(TargetType="ip")
    _set(place, ELB, "L-A0D0B863", 2)
    targets = [{"Id": "127.0.0.1", "Port": port} for port in (1, 2, 3)]
    assert refused(stack.elb.register_targets, TargetGroupArn=arn, Targets=targets) == "TooManyTargets"
    stack.elb.register_targets(TargetGroupArn=arn, Targets=targets[:2])
    stack.elb.register_targets(TargetGroupArn=arn, Targets=targets[:2])


def test_one_group_or_launch_configuration_too_many_is_refused(stack: Embedded, place: Place) -> None:
    stack.group(stack.template(), 0)
    configuration = {"ImageId": stack.image(), "InstanceType": "t3.micro"}
    stack.asg.create_launch_configuration(LaunchConfigurationName="one", **configuration)
    for code in ("L-CDE20ADC", "L-6B80B8FA"):
        _set(place, "autoscaling", code, 1)
    told = stack.asg.describe_account_limits()
    assert (told["MaxNumberOfAutoScalingGroups"], told["NumberOfAutoScalingGroups"]) == (1, 1)
    assert (told["MaxNumberOfLaunchConfigurations"], told["NumberOfLaunchConfigurations"]) == (1, 1)
    create = stack.asg.create_launch_configuration
    assert refused(create, LaunchConfigurationName="two", **configuration) == "LimitExceeded"
    assert refused(stack.group, template=stack.template(), size=0) == "LimitExceeded"


def _refusals(stack: Embedded, group: str) -> set[str]:
    """The reasons of a group's failed launches."""
    found = stack.asg.describe_scaling_activities(AutoScalingGroupName=group)["Activities"]
    return {one["StatusMessage"] for one in found if one["StatusCode"] == "Failed"}


def test_instances_beyond_the_vcpu_quota_are_refused_until_it_is_raised(stack: Embedded, place: Place) -> None:
    _set(place, "ec2", "L-1216C47A", 4)  # two t3.micro of two vCPUs each
    group = stack.group(stack.template(), 3)
    stack.eventually(lambda: _refusals(stack, group), "a refusal")
    assert _refusals(stack, group) == {
        VCPU_REFUSAL + " Launching EC2 instance failed.",
    }
    assert len(stack.described(group)["Instances"]) == 2
    run = stack.ec2.run_instances
    assert refused(run, **stack.launch_data(), MinCount=1, MaxCount=1) == "VcpuLimitExceeded"
    _set(place, "ec2", "L-1216C47A", 6)
    stack.in_service(group, 3)
    stack.asg.set_desired_capacity(AutoScalingGroupName=group, DesiredCapacity=2)
    stack.in_service(group, 2)
    stack.ec2.run_instances(**stack.launch_data(), MinCount=1, MaxCount=1)


def test_a_full_subnet_takes_no_more_instances_and_tells_what_is_free(stack: Embedded) -> None:
    block = IPv4Network(stack.ec2.describe_vpcs(VpcIds=[stack.vpc])["Vpcs"][0]["CidrBlock"])
    free = list(block.subnets(new_prefix=28))[-1]
    made = stack.ec2.create_subnet(VpcId=stack.vpc, CidrBlock=str(free), AvailabilityZone="us-east-1a")["Subnet"]
    assert made["AvailableIpAddressCount"] == 11
    subnet = made["SubnetId"]

    def available() -> int:
        return int(stack.ec2.describe_subnets(SubnetIds=[subnet])["Subnets"][0]["AvailableIpAddressCount"])

    group = stack.group(stack.template(), 3, VPCZoneIdentifier=subnet)
    stack.in_service(group, 3)
    assert available() == 8
    run = stack.ec2.run_instances
    wanted = {**stack.launch_data(), "SubnetId": subnet, "MinCount": 9, "MaxCount": 9}
    assert refused(run, **wanted) == "InsufficientFreeAddressesInSubnet"
    stack.asg.update_auto_scaling_group(AutoScalingGroupName=group, MaxSize=20, DesiredCapacity=12)
    stack.eventually(lambda: _refusals(stack, group), "a refusal")
    assert _refusals(stack, group) == {
        (
            f"There are not enough free addresses in subnet '{subnet}' to satisfy the requested number of instances."
            " Launching EC2 instance failed."
        )
    }
    assert (len(stack.described(group)["Instances"]), available()) == (11, 0)
    stack.asg.set_desired_capacity(AutoScalingGroupName=group, DesiredCapacity=2)
    stack.in_service(group, 2)
    assert available() == 9


def test_types_tell_their_vcpus_and_zones_and_are_refused_where_they_are_not_offered(stack: Embedded) -> None:
    (told,) = stack.ec2.describe_instance_types(InstanceTypes=["t3.small"])["InstanceTypes"]
    assert told["VCpuInfo"]["DefaultVCpus"] == 2
    assert told["ProcessorInfo"]["SupportedArchitectures"] == ["x86_64"]

    def zones(kind: str) -> set[str]:
        offered = stack.ec2.describe_instance_type_offerings(
            LocationType="availability-zone", Filters=[{"Name": "instance-type", "Values": [kind]}]
        )["InstanceTypeOfferings"]
        assert {(one["InstanceType"], one["LocationType"]) for one in offered} == {(kind, "availability-zone")}
        return {one["Location"] for one in offered}

    assert {"us-east-1a", "us-east-1b", "us-east-1c"} <= zones("t3.small")
    assert "us-east-1b" not in zones("g7e.2xlarge")
    wanted = {**stack.launch_data(), "InstanceType": "g7e.2xlarge", "MinCount": 1, "MaxCount": 1}
    run = stack.ec2.run_instances
    assert refused(run, **wanted, Placement={"AvailabilityZone": "us-east-1b"}) == "Unsupported"
