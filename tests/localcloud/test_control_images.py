"""Images as folders: registered, captured, copied across regions, shared across accounts."""

from __future__ import annotations

import urllib.request
from pathlib import Path

import pytest

from apps.localcloud.launch import RunningCloud
from tests.cloud_fixture import cloud, new_place
from tests.contract.stack import Embedded, refused

__all__ = ["cloud"]


@pytest.fixture
def stack(cloud: RunningCloud, tmp_path: Path) -> Embedded:
    return Embedded(new_place(cloud), tmp_path)


def _elsewhere(cloud: RunningCloud, folder: Path, region: str, account: str = "") -> Embedded:
    folder.mkdir()
    return Embedded(new_place(cloud, region, account), folder)


def _answer(stack: Embedded, image: str, user_data: str = "") -> tuple[str, str]:
    """(instance id, what its service answers)."""
    wanted = {"UserData": user_data} if user_data else {}
    made = stack.ec2.run_instances(ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1, **wanted)[
        "Instances"
    ]
    address = made[0]["PrivateIpAddress"]

    def look() -> str:
        try:
            with urllib.request.urlopen(f"http://{address}:8080/", timeout=5) as response:
                return str(response.read().decode())
        except OSError:
            return ""

    return made[0]["InstanceId"], stack.eventually(look, "an answer")


def _available(stack: Embedded, image: str) -> None:
    stack.eventually(lambda: stack.ec2.describe_images(ImageIds=[image])["Images"][0]["State"] == "available", "image")


def test_an_image_holds_the_folder_as_it_was_when_registered(stack: Embedded, tmp_path: Path) -> None:
    image = stack.image("1")
    for version in tmp_path.rglob("version"):
        version.write_text("changed afterwards")
    instance, answer = _answer(stack, image)
    assert answer == "1"
    stack.ec2.terminate_instances(InstanceIds=[instance])


def test_user_data_runs_inside_the_instance_and_is_captured_with_it(stack: Embedded) -> None:
    instance, answer = _answer(stack, stack.image("1"), "#!/bin/sh\nprintf 2 > version\n")
    assert answer == "2"
    captured = stack.ec2.create_image(InstanceId=instance, Name="captured")["ImageId"]
    _available(stack, captured)
    again, answer = _answer(stack, captured)
    assert answer == "2"
    stack.ec2.terminate_instances(InstanceIds=[instance, again])


def test_a_copy_in_another_region_is_launched_there(stack: Embedded, cloud: RunningCloud, tmp_path: Path) -> None:
    image = stack.image("1", TagSpecifications=[{"ResourceType": "image", "Tags": [{"Key": "v", "Value": "1"}]}])
    there = _elsewhere(cloud, tmp_path / "there", "eu-west-1", stack.place.account)
    source = {"SourceImageId": image, "SourceRegion": "us-east-1"}
    bare = there.ec2.copy_image(Name="bare", **source)["ImageId"]
    tagged = there.ec2.copy_image(Name="tagged", CopyImageTags=True, **source)["ImageId"]
    described = {one["ImageId"]: one for one in there.ec2.describe_images(Owners=["self"])["Images"]}
    assert described[bare].get("Tags", []) == []
    assert described[tagged]["Tags"] == [{"Key": "v", "Value": "1"}]
    assert described[tagged]["Architecture"] == "x86_64"
    _available(there, tagged)
    instance, answer = _answer(there, tagged)
    assert answer == "1"
    there.ec2.terminate_instances(InstanceIds=[instance])


def test_a_shared_image_is_seen_and_launched_by_the_other_account_of_its_region_only(
    stack: Embedded, cloud: RunningCloud, tmp_path: Path
) -> None:
    tags = [{"ResourceType": "image", "Tags": [{"Key": "v", "Value": "1"}]}]
    image = stack.image("1", TagSpecifications=tags)
    other = _elsewhere(cloud, tmp_path / "other", "us-east-1")
    launch = {"ImageId": image, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1}
    assert refused(other.ec2.describe_images, ImageIds=[image]) == "InvalidAMIID.NotFound"
    assert refused(other.ec2.run_instances, **launch) == "InvalidAMIID.NotFound"
    stack.ec2.modify_image_attribute(ImageId=image, LaunchPermission={"Add": [{"UserId": other.place.account}]})
    seen = other.ec2.describe_images(ImageIds=[image], ExecutableUsers=["self"])["Images"][0]
    assert seen["OwnerId"] == stack.place.account
    assert seen.get("Tags", []) == [], "tags are the owner's own"
    instance, answer = _answer(other, image)
    assert answer == "1"
    other.ec2.terminate_instances(InstanceIds=[instance])
    assert refused(other.ec2.deregister_image, ImageId=image) == "AuthFailure"
    far = _elsewhere(cloud, tmp_path / "far", "eu-west-1", other.place.account)
    assert refused(far.ec2.describe_images, ImageIds=[image]) == "InvalidAMIID.NotFound"
    stack.ec2.modify_image_attribute(ImageId=image, LaunchPermission={"Remove": [{"UserId": other.place.account}]})
    assert refused(other.ec2.run_instances, **launch) == "InvalidAMIID.NotFound"


def test_images_are_found_by_owner_tag_and_name(stack: Embedded) -> None:
    tags = [{"ResourceType": "image", "Tags": [{"Key": "app", "Value": "shop"}]}]
    image = stack.image("1", Name="shop-1", TagSpecifications=tags)
    stack.image("2", Name="cart-1")
    for wanted in ({"Name": "tag:app", "Values": ["shop"]}, {"Name": "name", "Values": ["shop-*"]}):
        found = stack.ec2.describe_images(Owners=["self"], Filters=[wanted])["Images"]
        assert [one["ImageId"] for one in found] == [image]
    assert refused(stack.image, version="3", Name="shop-1") == "InvalidAMIName.Duplicate"


def test_an_image_can_be_given_an_age(stack: Embedded, tmp_path: Path) -> None:
    where = f"localcloud:{tmp_path}#created="
    made = stack.ec2.register_image(Name="aged", ImageLocation=f"{where}2026-01-05T11:15:52Z")["ImageId"]
    [shown] = stack.ec2.describe_images(ImageIds=[made])["Images"]
    assert shown["CreationDate"] == "2026-01-05T11:15:52.000Z"
    assert shown["ImageLocation"] == f"localcloud:{tmp_path}"
    assert refused(stack.ec2.register_image, Name="other", ImageLocation=f"{where}yesterday") == "InvalidManifest"


def test_an_image_of_no_folder_here_is_refused(stack: Embedded) -> None:
    register = stack.ec2.register_image
    for location in ("bucket/image.manifest.xml", "localcloud:relative", "localcloud:/no/such/folder"):
        assert refused(register, Name="nowhere", ImageLocation=location) == "InvalidManifest"
