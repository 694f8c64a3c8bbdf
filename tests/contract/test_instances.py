"""Instances: run, describe, terminate."""

import pytest

from tests.contract.stack import Stack, refused

pytestmark = pytest.mark.documented


def _state(stack: Stack, instance_id: str) -> str:
    found = stack.ec2.describe_instances(InstanceIds=[instance_id])["Reservations"][0]["Instances"][0]
    return str(found["State"]["Name"])


def test_an_instance_is_pending_then_running_then_shutting_down_then_terminated(stack: Stack) -> None:
    """EC2 user guide, "Instance lifecycle"."""
    made = stack.ec2.run_instances(MinCount=1, MaxCount=1, **stack.launch_data())["Instances"][0]
    instance_id = made["InstanceId"]
    assert made["State"]["Name"] == "pending"
    stack.eventually(lambda: _state(stack, instance_id) == "running", "running")
    told = stack.ec2.terminate_instances(InstanceIds=[instance_id])["TerminatingInstances"][0]
    assert (told["PreviousState"]["Name"], told["CurrentState"]["Name"]) == ("running", "shutting-down")
    stack.eventually(lambda: _state(stack, instance_id) == "terminated", "terminated")


def test_the_same_token_launches_once(stack: Stack) -> None:
    """EC2 developer guide, "Ensuring idempotency"."""
    wanted = {"MinCount": 1, "MaxCount": 1, "ClientToken": stack.name("token"), **stack.launch_data()}
    ids = [stack.ec2.run_instances(**wanted)["Instances"][0]["InstanceId"] for _ in range(2)]
    assert ids[0] == ids[1]
    assert refused(stack.ec2.run_instances, **{**wanted, "MaxCount": 2}) == "IdempotentParameterMismatch"
    stack.ec2.terminate_instances(InstanceIds=[ids[0]])


def test_what_cannot_be_launched_is_refused_by_name(stack: Stack) -> None:
    """EC2 API error codes."""
    data, run = stack.launch_data(), stack.ec2.run_instances
    one = {"MinCount": 1, "MaxCount": 1}
    assert refused(run, **one, **{**data, "ImageId": "ami-0123456789abcdef0"}) == "InvalidAMIID.NotFound"
    assert refused(run, **one, **{**data, "ImageId": "nonsense"}) == "InvalidAMIID.Malformed"
    assert refused(run, **one, **{**data, "InstanceType": "t3.gigantic"}) == "InvalidParameterValue"
    assert refused(run, **one, **{**data, "InstanceType": "t4g.micro"}) == "InvalidParameterValue", "arm64 on x86_64"
    assert refused(run, **one, **data, DryRun=True) == "DryRunOperation"


def test_unknown_instances_are_refused_by_name(stack: Stack) -> None:
    """EC2 API error codes."""
    assert refused(stack.ec2.describe_instances, InstanceIds=["i-0123456789abcdef0"]) == "InvalidInstanceID.NotFound"
    assert (
        refused(stack.ec2.describe_instances, Filters=[{"Name": "no-such", "Values": ["x"]}]) == "InvalidParameterValue"
    )


def test_instances_are_found_by_tag_with_wildcards(stack: Stack) -> None:
    """API reference, DescribeInstances: filters with * and ?."""
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "app", "Value": "contract-one"}]}]
    made = stack.ec2.run_instances(MinCount=2, MaxCount=2, TagSpecifications=tags, **stack.launch_data())["Instances"]
    ids = {one["InstanceId"] for one in made}
    wanted = [{"Name": "tag:app", "Values": ["contract-*"]}, {"Name": "instance-id", "Values": sorted(ids)}]
    found = stack.ec2.describe_instances(Filters=wanted)["Reservations"]
    assert {one["InstanceId"] for reservation in found for one in reservation["Instances"]} == ids
    nothing = stack.ec2.describe_instances(Filters=[{"Name": "tag:app", "Values": ["contract-?"]}])["Reservations"]
    assert nothing == []
    stack.ec2.terminate_instances(InstanceIds=sorted(ids))
