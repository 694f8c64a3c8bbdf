"""Machines that switch themselves off, and what they leave: their disk, their console, the reason."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.stack import Stack, refused

pytestmark = pytest.mark.documented

DISK = 'cd "${HOME:-/root}"'
SELF = "Client.InstanceInitiatedShutdown"


def _run(stack: Stack, *script: str, **settings: Any) -> str:
    """The id of a new machine that runs this as root on AWS, as somebody of no rights here."""
    data = {**stack.launch_data(), "UserData": "\n".join(["#!/bin/sh", *script]), **settings}
    return str(stack.ec2.run_instances(MinCount=1, MaxCount=1, **data)["Instances"][0]["InstanceId"])


def _described(stack: Stack, instance: str) -> dict[str, Any]:
    return dict(stack.ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0])


def _is(stack: Stack, instance: str, state: str) -> Callable[[], bool]:
    return lambda: bool(_described(stack, instance)["State"]["Name"] == state)


def _printed(stack: Stack, instance: str) -> str:
    return str(stack.ec2.get_console_output(InstanceId=instance, Latest=True).get("Output", ""))


def test_a_machine_that_shuts_down_is_stopped_and_an_image_of_it_holds_what_it_wrote(stack: Stack) -> None:
    """EC2 user guide, "Instance initiated shutdown behavior" (stop is the default); StateReason; CreateImage."""
    builder = _run(stack, DISK, "echo baked > left", "echo all is baked", "shutdown -h now", "sleep 60")
    stack.eventually(_is(stack, builder, "stopped"), "the builder's stop")
    told = _described(stack, builder)
    assert told["StateReason"] == {"Code": SELF, "Message": f"{SELF}: Instance initiated shutdown"}
    stack.eventually(lambda: "all is baked" in _printed(stack, builder), "its console")
    image = str(stack.ec2.create_image(InstanceId=builder, Name=stack.name())["ImageId"])
    stack.eventually(
        lambda: stack.ec2.describe_images(ImageIds=[image])["Images"][0]["State"] == "available", "available"
    )
    stack.ec2.terminate_instances(InstanceIds=[builder])
    again = _run(stack, DISK, "echo it is $(cat left)", "poweroff", "sleep 60", ImageId=image)
    stack.eventually(lambda: "it is baked" in _printed(stack, again), "what the image holds")
    stack.ec2.terminate_instances(InstanceIds=[again])
    stack.ec2.deregister_image(ImageId=image)


def test_a_machine_may_end_by_its_own_shutdown(stack: Stack) -> None:
    """EC2 user guide, "Instance initiated shutdown behavior": terminate."""
    instance = _run(stack, "halt -p", "sleep 60", InstanceInitiatedShutdownBehavior="terminate")
    stack.eventually(_is(stack, instance, "terminated"), "its end")
    assert _described(stack, instance)["StateReason"]["Code"] == SELF


def test_user_data_that_fails_leaves_the_machine_running_until_somebody_stops_it(stack: Stack) -> None:
    """EC2 user guide, "Run commands at launch"; StateTransitionReason as DescribeInstances gives it."""
    instance = _run(stack, "echo about to fail", "exit 3")
    stack.eventually(lambda: "about to fail" in _printed(stack, instance), "its console")
    stack.eventually(_is(stack, instance, "running"), "running")
    stack.ec2.stop_instances(InstanceIds=[instance])
    stack.eventually(_is(stack, instance, "stopped"), "its stop")
    told = _described(stack, instance)
    assert told["StateReason"]["Code"] == "Client.UserInitiatedShutdown"
    assert told["StateTransitionReason"].startswith("User initiated (")
    stack.ec2.terminate_instances(InstanceIds=[instance])


def test_what_is_asked_for_at_launch_is_there_and_found_by_the_token(stack: Stack) -> None:
    """API reference, RunInstances (tags of volumes, a default subnet) and DescribeInstances (filter client-token)."""
    tags = [{"ResourceType": kind, "Tags": [{"Key": "app", "Value": "x"}]} for kind in ("instance", "volume")]
    token = stack.name("token")
    instance = _run(stack, "sleep 60", ClientToken=token, TagSpecifications=tags)
    (found,) = stack.ec2.describe_instances(Filters=[{"Name": "client-token", "Values": [token]}])["Reservations"]
    (told,) = found["Instances"]
    assert (told["InstanceId"], told["SubnetId"] in stack.subnets) == (instance, True)
    assert {"Key": "app", "Value": "x"} in told["Tags"]
    volumes = stack.ec2.describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": [instance]}])["Volumes"]
    assert [volume["Tags"] for volume in volumes] == [[{"Key": "app", "Value": "x"}]]
    stack.ec2.terminate_instances(InstanceIds=[instance])


def test_the_newest_console_is_told_of_nitro_types_only(stack: Stack) -> None:
    """API reference, GetConsoleOutput: Latest is supported on types that use the Nitro hypervisor."""
    instance = _run(stack, "sleep 60", InstanceType="t2.micro")
    assert refused(stack.ec2.get_console_output, InstanceId=instance, Latest=True) == "UnsupportedOperation"
    stack.ec2.terminate_instances(InstanceIds=[instance])
