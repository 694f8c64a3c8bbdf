"""AMIs shared between accounts: who sees and launches them, whose tags are on them, and which cannot be shared."""

import json
from typing import Any

import pytest

from tests.contract.stack import Stack, refused

pytestmark = pytest.mark.documented


class Two:
    """The account that has an image, and one that it may be shared with."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.other = stack.neighbour("ec2")
        self.account = str(stack.neighbour("sts").get_caller_identity()["Account"])

    def share(self, image: str, what: str = "Add") -> None:
        self.stack.ec2.modify_image_attribute(ImageId=image, LaunchPermission={what: [{"UserId": self.account}]})

    def image(self, **encryption: Any) -> str:
        """An available image; a copy, encrypted, where `encryption` says how."""
        image = str(self.stack.launch_data()["ImageId"])
        if encryption:
            region = self.stack.ec2.meta.region_name
            wanted = {"Name": self.stack.name(), "SourceImageId": image, "SourceRegion": region, "Encrypted": True}
            image = str(self.stack.ec2.copy_image(**wanted, **encryption)["ImageId"])
            self.stack.eventually(lambda: self.described(image)["State"] == "available", "available")
        return image

    def described(self, image: str) -> dict[str, Any]:
        return dict(self.stack.ec2.describe_images(ImageIds=[image])["Images"][0])

    def snapshot(self, image: str) -> str:
        return str(self.described(image)["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"])

    def launched(self, image: str) -> str:
        """The code that a dry run in the other account is answered."""
        return refused(
            self.other.run_instances, MinCount=1, MaxCount=1, ImageId=image, InstanceType="t3.micro", DryRun=True
        )


@pytest.fixture
def two(quick: Stack) -> Two:
    return Two(quick)


def test_an_image_that_is_not_shared_is_not_there_and_one_that_is_can_be_launched(two: Two) -> None:
    """EC2 user guide, "Share an AMI with specific AWS accounts"; errors as of DescribeImages and RunInstances."""
    image = two.image()
    assert refused(two.other.describe_images, ImageIds=[image]) == "InvalidAMIID.NotFound"
    assert two.launched(image) == "InvalidAMIID.NotFound"
    two.share(image)
    two.share(image)  # again is harmless
    told = two.stack.ec2.describe_image_attribute(ImageId=image, Attribute="launchPermission")
    assert told["LaunchPermissions"] == [{"UserId": two.account}]
    assert two.launched(image) == "DryRunOperation"
    seen = two.other.describe_images(ExecutableUsers=["self"])["Images"]
    assert [one["ImageId"] for one in seen] == [image]
    assert seen[0]["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"] == two.snapshot(image)
    assert refused(two.other.describe_image_attribute, ImageId=image, Attribute="launchPermission") == "AuthFailure"
    two.share(image, "Remove")
    two.share(image, "Remove")
    assert two.launched(image) == "InvalidAMIID.NotFound"


def test_each_account_has_tags_of_its_own_on_a_shared_image(two: Two) -> None:
    """EC2 user guide, "Tag your Amazon EC2 resources": those of another account are not seen."""
    image = two.image()
    two.stack.ec2.create_tags(Resources=[image], Tags=[{"Key": "version", "Value": "1"}])
    tag = [{"Key": "version", "Value": "given"}]
    assert refused(two.other.create_tags, Resources=[image], Tags=tag) == "InvalidAMIID.NotFound"
    two.share(image)
    shown = two.other.describe_images(ImageIds=[image])["Images"][0]
    assert shown.get("Tags", []) == []
    two.other.create_tags(Resources=[image], Tags=tag)
    assert two.other.describe_images(ImageIds=[image])["Images"][0]["Tags"] == tag
    found = two.other.describe_tags(Filters=[{"Name": "resource-id", "Values": [image]}])["Tags"]
    assert [(one["Key"], one["Value"]) for one in found] == [("version", "given")]
    assert two.described(image)["Tags"] == [{"Key": "version", "Value": "1"}]
    two.other.delete_tags(Resources=[image], Tags=[{"Key": "version"}])
    assert two.other.describe_images(ImageIds=[image])["Images"][0].get("Tags", []) == []
    assert two.described(image)["Tags"] == [{"Key": "version", "Value": "1"}]


def test_a_snapshot_is_shared_apart_from_its_image(two: Two) -> None:
    """API reference, ModifySnapshotAttribute and DescribeSnapshotAttribute."""
    client, image = two.stack.ec2, two.image()
    asked = {"SnapshotId": two.snapshot(image), "Attribute": "createVolumePermission"}

    def shared() -> list[str]:
        return [one["UserId"] for one in client.describe_snapshot_attribute(**asked)["CreateVolumePermissions"]]

    two.share(image)
    assert shared() == []
    for what, after in (("add", [two.account]), ("add", [two.account]), ("remove", []), ("remove", [])):
        client.modify_snapshot_attribute(**asked, OperationType=what, UserIds=[two.account])
        assert shared() == after
    client.modify_snapshot_attribute(
        SnapshotId=asked["SnapshotId"], CreateVolumePermission={"Add": [{"UserId": two.account}]}
    )
    assert shared() == [two.account]
    assert refused(client.describe_snapshot_attribute, **{**asked, "SnapshotId": "snap-0123456789abcdef0"}) == (
        "InvalidSnapshot.NotFound"
    )


def test_what_the_default_key_encrypts_cannot_be_shared(two: Two) -> None:
    """EBS user guide, "Share an Amazon EBS snapshot": not with AWS's own key; the errors are those that users met."""
    client, image = two.stack.ec2, two.image(Description="encrypted")
    snapshot = two.snapshot(image)
    shown = client.describe_snapshots(SnapshotIds=[snapshot])["Snapshots"][0]
    assert shown["Encrypted"] is True
    assert two.described(image)["BlockDeviceMappings"][0]["Ebs"]["Encrypted"] is True
    key = two.stack.client("kms").describe_key(KeyId=shown["KmsKeyId"])["KeyMetadata"]
    assert (key["KeyManager"], key["Arn"]) == ("AWS", shown["KmsKeyId"])
    permission = {"Add": [{"UserId": two.account}]}
    assert refused(client.modify_image_attribute, ImageId=image, LaunchPermission=permission) == "InvalidParameter"
    asked = {"SnapshotId": snapshot, "Attribute": "createVolumePermission", "UserIds": [two.account]}
    assert refused(client.modify_snapshot_attribute, **asked, OperationType="add") == "OperationNotPermitted"
    assert two.launched(image) == "InvalidAMIID.NotFound"


def test_what_a_key_of_ones_own_encrypts_can_be_shared(two: Two) -> None:
    """EBS user guide, "Share the KMS key used to encrypt a shared Amazon EBS snapshot"."""
    kms = two.stack.client("kms")
    key = str(kms.create_key()["KeyMetadata"]["Arn"])
    image = two.image(KmsKeyId=key)
    shown = two.stack.ec2.describe_snapshots(SnapshotIds=[two.snapshot(image)])["Snapshots"][0]
    assert (shown["Encrypted"], shown["KmsKeyId"]) == (True, key)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyManager"] == "CUSTOMER"
    two.share(image)
    assert two.launched(image) == "DryRunOperation"
    grantee = f"arn:aws:iam::{two.account}:root"
    kms.create_grant(KeyId=key, GranteePrincipal=grantee, Operations=["Decrypt"])
    granted = kms.list_grants(KeyId=key)["Grants"]
    assert [(one["GranteePrincipal"], one["Operations"]) for one in granted] == [(grantee, ["Decrypt"])]
    policy = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    assert policy["Statement"]


def test_with_encryption_by_default_copies_are_encrypted_with_the_default_key(two: Two) -> None:
    """EBS user guide, "Enable Amazon EBS encryption by default"."""
    client, image, region = two.stack.ec2, two.image(), two.stack.ec2.meta.region_name
    assert client.describe_snapshots(SnapshotIds=[two.snapshot(image)])["Snapshots"][0]["Encrypted"] is False
    client.enable_ebs_encryption_by_default()
    copy = client.copy_image(Name=two.stack.name(), SourceImageId=image, SourceRegion=region)["ImageId"]
    client.disable_ebs_encryption_by_default()
    two.stack.eventually(lambda: two.described(copy)["State"] == "available", "available")
    assert client.describe_snapshots(SnapshotIds=[two.snapshot(copy)])["Snapshots"][0]["Encrypted"] is True


def test_a_shared_snapshot_is_tagged_by_the_account_that_it_is_shared_with(two: Two) -> None:
    """EC2 user guide, "Tag your Amazon EC2 resources": public and shared ones, for one's own account alone."""
    snapshot, tag = two.snapshot(two.image()), [{"Key": "version", "Value": "given"}]
    assert refused(two.other.create_tags, Resources=[snapshot], Tags=tag) == "InvalidSnapshot.NotFound"
    asked = {"SnapshotId": snapshot, "Attribute": "createVolumePermission", "UserIds": [two.account]}
    two.stack.ec2.modify_snapshot_attribute(**asked, OperationType="add")
    two.other.create_tags(Resources=[snapshot], Tags=tag)
    found = two.other.describe_tags(Filters=[{"Name": "resource-id", "Values": [snapshot]}])["Tags"]
    assert [(one["Key"], one["Value"]) for one in found] == [("version", "given")]
    assert two.stack.ec2.describe_snapshots(SnapshotIds=[snapshot])["Snapshots"][0].get("Tags", []) == []
