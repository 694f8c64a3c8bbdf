"""What a bake makes in an account: machines that build, images, snapshots; as a state, and what must hold of them."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from apps.cloud.tags import RUN_TAG
from apps.cloud.values.instances import OVER
from apps.images.models import Bake, BakedImage
from apps.workflows.models import Lock
from apps.workflows.states import RunState

if TYPE_CHECKING:
    from tests.faults.snapshot import Account
    from tests.faults.world import World

_NONCE = re.compile(r"-[0-9a-f]{12}$")  # in an image's name, another in every run
_BUILDER = "bake "  # how the name of a machine begins that builds
_OWN = {"Owners": ["self"]}


def builders(account: Account) -> Iterator[tuple[str, dict[str, Any]]]:
    """Machines that build and have not ended, by the application that they build for."""
    for machine in _building(account):
        name = tags_of(machine)["application"]
        account.names.setdefault(f"builder {name}", set()).add(machine["InstanceId"])
        yield name, {"there": True}


def images(account: Account) -> Iterator[tuple[str, dict[str, Any]]]:
    """Images that runs of the console made, in all regions; whether they are available AWS decides by itself."""
    for region in account.regions:
        for image in baked(account, region):
            name = f"{region}/{_NONCE.sub('-nonce', image['Name'])}"
            account.names.setdefault(f"image {name}", set()).update({image["ImageId"], image["Name"]})
            yield name, {"tags": sorted(tags_of(image))}


def agrees(world: World, _run_of: Any) -> Iterator[str]:
    """A sentence for each thing that rows and AWS do not agree on once no bake goes on, and for all that is left."""
    bakes = Bake.objects.filter(environment=world.environment).select_related("run")
    for made in bakes:
        yield from _whole(made)
    rows = BakedImage.objects.filter(bake__environment=world.environment, deleted_at__isnull=True)
    known = {(row.region, row.image_id): row for row in rows}
    there = {
        (region, each["ImageId"]): each for region in world.account.regions for each in baked(world.account, region)
    }
    left, lacks = sorted(there.keys() - known.keys()), sorted(known.keys() - there.keys())
    yield from (f"{image} in {region} is left, and no row has it" for region, image in left)
    yield from (f"a row has {image} in {region}, and AWS has not" for region, image in lacks)
    for place, shape in there.items():
        if shape["State"] != "available":
            yield f"{place[1]} in {place[0]} is {shape['State']}"
        if place in known and set(known[place].snapshots) != snapshots_of(shape):
            yield f"{place[1]} is made of {snapshots_of(shape)}, its row says {known[place].snapshots}"
    yield from (f"the builder {each['InstanceId']} still runs" for each in _building(world.account))
    yield from (f"the snapshot {each} in {region} is left" for region, each in _orphans(world.account))
    yield from (f"the lock {lock} is still held" for lock in Lock.objects.filter(run__bake__in=bakes))


def wipe(account: Account) -> None:
    """Ends builders and deletes what was made; what a base image was told to fail at is forgotten."""
    for machine in _building(account):
        account.ec2.terminate_instances(InstanceIds=[machine["InstanceId"]])
    for region in account.regions:
        client = account.ec2_in(region)
        for image in baked(account, region):
            client.deregister_image(ImageId=image["ImageId"])
        for where, snapshot in list(_orphans(account)):
            if where == region:
                with contextlib.suppress(ClientError):  # deleted by now
                    client.delete_snapshot(SnapshotId=snapshot)
    others = [image["ImageId"] for image in account.read("ec2", "DescribeImages", **_OWN)["Images"]]
    account.ec2.delete_tags(Resources=others, Tags=[{"Key": "fault"}])


def tags_of(shape: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in shape.get("Tags") or ()}


def _whole(made: Bake) -> Iterator[str]:
    run, images = made.run, list(made.images.filter(deleted_at__isnull=True))
    wanted = {made.region, *made.recipe["copies"]} if run.state == RunState.SUCCEEDED else set()
    if not run.ended:
        yield f"{made} still goes on: {run.state}"
    elif {each.region for each in images} != wanted or len(images) != len(wanted):
        yield f"{made} ended {run.state}, and has {', '.join(map(str, images)) or 'no image'}"
    if wanted and (made.manifest is None or not made.builder):
        yield f"{made} succeeded, and nothing is written down of its builder or of what is inside"


def _building(account: Account) -> list[dict[str, Any]]:
    found = account.read("ec2", "DescribeInstances")["Reservations"]
    machines = [machine for reservation in found for machine in reservation["Instances"]]
    return [
        each
        for each in machines
        if tags_of(each).get("Name", "").startswith(_BUILDER) and each["State"]["Name"] not in OVER
    ]


def baked(account: Account, region: str) -> list[dict[str, Any]]:
    """The images of a region that runs of the console made, as AWS shows them."""
    found = account.read("ec2", "DescribeImages", region=region, **_OWN)["Images"]
    return [image for image in found if RUN_TAG in tags_of(image)]


def _orphans(account: Account) -> Iterator[tuple[str, str]]:
    """Region and id of the account's snapshots that no image of its is made of."""
    for region in account.regions:
        listed = account.read("ec2", "DescribeImages", region=region, **_OWN)["Images"]
        used = {each for image in listed for each in snapshots_of(image)}
        for snapshot in account.ec2_in(region).describe_snapshots(OwnerIds=["self"])["Snapshots"]:
            if snapshot["SnapshotId"] not in used:
                yield region, snapshot["SnapshotId"]


def snapshots_of(image: dict[str, Any]) -> set[str]:
    """The ids of the snapshots that an image is made of."""
    found = (device.get("Ebs", {}).get("SnapshotId") for device in image["BlockDeviceMappings"])
    return {each for each in found if each}
