"""Images: made from instances, named once, copied, deregistered."""

from typing import Any

import pytest

from tests.contract.stack import Stack, refused

pytestmark = pytest.mark.documented


def _running(stack: Stack) -> str:
    made = stack.ec2.run_instances(MinCount=1, MaxCount=1, **stack.launch_data())["Instances"][0]
    instance_id = str(made["InstanceId"])

    def look() -> bool:
        found = stack.ec2.describe_instances(InstanceIds=[instance_id])["Reservations"][0]["Instances"][0]
        return bool(found["State"]["Name"] == "running")

    stack.eventually(look, "running")
    return instance_id


def test_an_image_of_an_instance_is_pending_and_then_available(stack: Stack) -> None:
    """API reference, CreateImage and Image.State; tags by TagSpecifications on image and snapshots."""
    instance = _running(stack)
    tags = [{"ResourceType": kind, "Tags": [{"Key": "app", "Value": "x"}]} for kind in ("image", "snapshot")]
    made = stack.ec2.create_image(InstanceId=instance, Name=stack.name(), NoReboot=True, TagSpecifications=tags)

    def described() -> dict[str, object]:
        return dict(stack.ec2.describe_images(ImageIds=[made["ImageId"]])["Images"][0])

    first = described()
    assert first["State"] in ("pending", "available")
    assert first["Tags"] == [{"Key": "app", "Value": "x"}]
    assert first["Architecture"] == "x86_64"
    stack.eventually(lambda: described()["State"] == "available", "available")
    mapping = described()["BlockDeviceMappings"][0]  # type: ignore[index]
    snapshot = mapping["Ebs"]["SnapshotId"]
    found = stack.ec2.describe_snapshots(SnapshotIds=[snapshot])["Snapshots"][0]
    assert found["Tags"] == [{"Key": "app", "Value": "x"}]
    assert refused(stack.ec2.delete_snapshot, SnapshotId=snapshot) == "InvalidSnapshot.InUse"
    stack.ec2.terminate_instances(InstanceIds=[instance])
    stack.ec2.deregister_image(ImageId=made["ImageId"])
    stack.ec2.delete_snapshot(SnapshotId=snapshot)


def test_a_name_is_taken_once_in_an_account_and_region(stack: Stack) -> None:
    """EC2 API error codes: InvalidAMIName.Duplicate."""
    instance, name = _running(stack), stack.name()
    made = stack.ec2.create_image(InstanceId=instance, Name=name, NoReboot=True)
    assert refused(stack.ec2.create_image, InstanceId=instance, Name=name) == "InvalidAMIName.Duplicate"
    stack.ec2.terminate_instances(InstanceIds=[instance])
    stack.ec2.deregister_image(ImageId=made["ImageId"])


def test_a_deregistered_image_cannot_be_launched(stack: Stack) -> None:
    """EC2 user guide, "Deregister an AMI"."""
    instance = _running(stack)
    image = stack.ec2.create_image(InstanceId=instance, Name=stack.name(), NoReboot=True)["ImageId"]

    def state() -> str:
        return str(stack.ec2.describe_images(ImageIds=[image])["Images"][0]["State"])

    stack.eventually(lambda: state() == "available", "available")
    stack.ec2.deregister_image(ImageId=image)
    stack.ec2.terminate_instances(InstanceIds=[instance])
    wanted = {**stack.launch_data(), "ImageId": image}
    assert refused(stack.ec2.run_instances, MinCount=1, MaxCount=1, **wanted).startswith("InvalidAMIID.")


@pytest.mark.shape
def test_unknown_and_malformed_ids_are_refused_by_name(stack: Stack) -> None:
    """EC2 API error codes."""
    assert refused(stack.ec2.describe_images, ImageIds=["ami-0123456789abcdef0"]) == "InvalidAMIID.NotFound"
    assert refused(stack.ec2.describe_images, ImageIds=["image-1"]) == "InvalidAMIID.Malformed"


def test_a_copy_is_begun_once_a_token_and_has_snapshots_of_its_own(stack: Stack) -> None:
    """EC2 developer guide, "Ensuring idempotency"; API reference, CopyImage: tags of the copy and its snapshots."""
    instance = _running(stack)
    image = stack.ec2.create_image(InstanceId=instance, Name=stack.name(), NoReboot=True)["ImageId"]

    def of(image: str) -> dict[str, Any]:
        return dict(stack.ec2.describe_images(ImageIds=[image])["Images"][0])

    stack.eventually(lambda: of(image)["State"] == "available", "available")
    stack.ec2.terminate_instances(InstanceIds=[instance])
    tags = [{"ResourceType": kind, "Tags": [{"Key": "app", "Value": "x"}]} for kind in ("image", "snapshot")]
    wanted = {
        "Name": stack.name(),
        "ClientToken": stack.name("token"),
        "SourceImageId": image,
        "SourceRegion": stack.ec2.meta.region_name,
        "TagSpecifications": tags,
    }
    copy = stack.ec2.copy_image(**wanted)["ImageId"]
    assert stack.ec2.copy_image(**wanted)["ImageId"] == copy
    assert refused(stack.ec2.copy_image, **{**wanted, "Name": "another"}) == "IdempotentParameterMismatch"
    stack.eventually(lambda: of(copy)["State"] == "available", "available")
    mine = stack.ec2.describe_images(Owners=["self"], Filters=[{"Name": "name", "Values": [wanted["Name"]]}])["Images"]
    assert [one["ImageId"] for one in mine] == [copy]
    first, second = (of(one)["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"] for one in (image, copy))
    assert first != second
    assert (
        stack.ec2.describe_snapshots(SnapshotIds=[second])["Snapshots"][0]["Tags"]
        == of(copy)["Tags"]
        == tags[0]["Tags"]
    )
    for one, snapshot in ((image, first), (copy, second)):
        stack.ec2.deregister_image(ImageId=one)
        assert stack.ec2.describe_snapshots(SnapshotIds=[snapshot])["Snapshots"], "it outlives its image"
        stack.ec2.delete_snapshot(SnapshotId=snapshot)
    assert refused(stack.ec2.describe_snapshots, SnapshotIds=[first]) == "InvalidSnapshot.NotFound"
