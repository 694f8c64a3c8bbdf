"""Who uses an AMI in an environment, by a fresh look; of groups, as the inventory knows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from apps.cloud.aws import ec2, sharing
from apps.cloud.values import Target
from apps.inventory.models import Environment, Group

CALLS = ("ec2:DescribeInstances", "ec2:DescribeLaunchTemplateVersions")
MOST = 5  # of a kind and region that are named


def users(target: Environment, images: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Groups, instances and launch templates that use these AMIs, in words. Raises CloudError."""
    return tuple(text for each in images for text in _here(target, each["region"], each["image_id"]))


def _here(environment: Environment, region: str, image: str) -> Iterator[str]:
    at = environment.target(region)
    groups = Group.objects.filter(environment=environment, region=region, image_id=image, gone_at__isnull=True)
    for what, names in (
        ("group", sorted(groups.values_list("name", flat=True))),
        ("instance", sorted(sharing.launched_from(at, image))),
        ("launch template", sorted(_templates(at, image))),
    ):
        if names:
            more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
            plural = "" if len(names) == 1 else "s"
            yield f"{what}{plural} {', '.join(names[:MOST])}{more} in {region}"


def _templates(at: Target, image: str) -> set[str]:
    """Their latest and default versions; the others are those that groups name."""
    newest = ec2.describe_newest_versions(at)
    return {f"{each.name} version {each.version}" for each in newest if each.image_id == image}
