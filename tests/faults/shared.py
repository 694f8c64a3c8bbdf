"""What one account lets another use of its images, as a state, and what must hold of promotions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from apps.cloud.tags import RUN_TAG
from apps.images.models import Promotion
from apps.workflows.models import Lock
from tests.faults import made

if TYPE_CHECKING:
    from tests.faults.snapshot import Account
    from tests.faults.world import World

_GUEST, _OWNERS, _A_RUN = "the guest", "the owner's", "a run"  # what differs from run to run


def shares(account: Account) -> Iterator[tuple[str, dict[str, Any]]]:
    """Of each image that runs made, and of its snapshots: which accounts may use it, and the tags that the guest has.

    The names are what events say of them.
    """
    for region in account.regions:
        for image in made.baked(account, region):
            name = image["ImageId"]
            told = {f"{region} image": {f"launch {name}"}}
            yield f"{region} image", {"may": _named(account, _launches(account, region, name))}
            resources = {f"{region} tags of image": name}
            for at, snapshot in enumerate(sorted(made.snapshots_of(image))):
                told[f"{region} snapshot {at}"] = {f"volumes of {snapshot}"}
                yield f"{region} snapshot {at}", {"may": _named(account, _volumes(account, region, snapshot))}
                resources[f"{region} tags of snapshot {at}"] = snapshot
            for resource, tags in _tags(account, region, resources).items():
                told[resource] = {f"Tags of {name}"}
                yield resource, {"tags": sorted(_plainly(tags, made.tags_of(image)))}
            account.names |= {f"share {resource}": names for resource, names in told.items()}


def _named(account: Account, who: list[str]) -> list[str]:
    assert account.guest
    return [_GUEST if each == account.guest.place.account else each for each in who]


def _plainly(tags: dict[str, str], owners: dict[str, str]) -> Iterator[tuple[str, str]]:
    for key, value in tags.items():
        yield key, _A_RUN if key == RUN_TAG else _OWNERS if value == owners.get(key) else value


def agrees(world: World, _run_of: Any) -> Iterator[str]:
    """A sentence for each thing that promotions and AWS do not agree on once no run of one goes on."""
    promotions = Promotion.objects.filter(target=world.environment).select_related("run", "revocation", "target")
    for row in promotions:
        if not row.now.ended:
            yield f"{row} still goes on: {row.now.state}"
        if row.live != row.stands:
            yield f"{row} is {'' if row.live else 'not '}live: granted {row.run.state}, {row.now.state} in the end"
        if row.stands or row.revoked:
            yield from _wholly(world.account, row)
    for lock in Lock.objects.filter(
        resource__startswith="promotion:", resource__endswith=f":{world.environment.account_id}"
    ):
        yield f"the lock {lock} is still held"


def _wholly(account: Account, row: Promotion) -> Iterator[str]:
    """One that stands has granted all, and one that was taken back nothing: AMI, snapshots and tags in each region."""
    guest, meant = row.target.account_id, "may" if row.stands else "may not"
    for each in row.images:
        region, image, snapshots = each["region"], each["image_id"], each["snapshots"]
        may = {image: guest in _launches(account, region, image)}
        may |= {snapshot: guest in _volumes(account, region, snapshot) for snapshot in snapshots}
        yield from (f"{guest} {meant} use {name} in {region}" for name, does in may.items() if does != row.stands)
        for name, tags in _tags(account, region, {name: name for name in may}).items():
            has = row.tags.items() & tags.items()
            if len(has) != (len(row.tags) if row.stands else 0):
                yield f"{name} in {region} has the tags {tags} in {guest}, where it {meant} be used: {row.tags}"


def _launches(account: Account, region: str, image: str) -> list[str]:
    asked = {"ImageId": image, "Attribute": "launchPermission"}
    answer = account.read("ec2", "DescribeImageAttribute", region=region, **asked)
    return sorted(str(each.get("UserId") or each.get("Group")) for each in answer["LaunchPermissions"])


def _volumes(account: Account, region: str, snapshot: str) -> list[str]:
    asked = {"SnapshotId": snapshot, "Attribute": "createVolumePermission"}
    answer = account.read("ec2", "DescribeSnapshotAttribute", region=region, **asked)
    return sorted(str(each.get("UserId") or each.get("Group")) for each in answer["CreateVolumePermissions"])


def _tags(account: Account, region: str, resources: dict[str, str]) -> dict[str, dict[str, str]]:
    """The tags that the guest has on these, by their names here."""
    assert account.guest
    wanted = [{"Name": "resource-id", "Values": list(resources.values())}]
    found = account.guest.ec2_in(region).describe_tags(Filters=wanted)["Tags"]
    return {
        name: {tag["Key"]: tag["Value"] for tag in found if tag["ResourceId"] == resource}
        for name, resource in resources.items()
    }
