"""Who uses an AMI, by fresh reads of the accounts that may launch it. What cannot be read raises.

Before one is deleted, whatever names it counts, in every account: one read of a place serves the deletions of a moment,
and is a minute old at most. Before one account may launch it no more, what that would launch counts.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from apps.cloud.aws import autoscaling, ec2, image_use, sharing
from apps.cloud.aws.together import together
from apps.cloud.errors import NotFound
from apps.cloud.values import GroupState, LaunchTemplateVersion, Target
from apps.inventory.models import Environment
from apps.inventory.models import LaunchTemplateVersion as VersionRow
from apps.inventory.selectors.references import BY_PARAMETER

GOOD_FOR = 60.0  # seconds for which what was read is good enough to delete by
CALLS = (  # of users_in
    "autoscaling:DescribeAutoScalingGroups",
    "autoscaling:DescribeLaunchConfigurations",
    "ec2:DescribeInstances",
    "ec2:DescribeLaunchTemplateVersions",
)
Numbered = tuple[str, str]  # a template's id, and a version's number, "$Latest" or "$Default"


@dataclass(frozen=True)
class Seen:
    """All that names AMIs in one account and region: by AMI, what does. `at` is when the read began, monotonic."""

    at: float
    named: dict[str, str]
    groups: str  # all that AWS tells of them, as one text
    parameter: str  # a version whose AMI is named by a parameter


class Looks:
    """The reads of one round."""

    def __init__(self) -> None:
        self._seen: dict[Target, Seen] = {}

    def objection(self, environment: Environment, region: str, image_id: str) -> str:
        """Why an AMI of this environment stays, in a sentence; empty if nothing anywhere uses it. Raises CloudError."""
        target = environment.target(region)
        allowed = sharing.launch_permissions(target, image_id) | {environment.account_id}
        everywhere = list(Environment.objects.order_by("name"))
        here = [each for each in everywhere if region in each.regions]
        strange = sorted(allowed - {each.account_id for each in here})
        if strange:
            return f"It is shared with {', '.join(strange)}, where nobody can see here whether it is used in {region}."
        return next(filter(None, (self._used_in(each, region, image_id) for each in here)), "")

    def deadline(self) -> float:
        """Until when what was read is good enough, on the monotonic clock."""
        return min((seen.at for seen in self._seen.values()), default=time.monotonic()) + GOOD_FOR

    def _used_in(self, environment: Environment, region: str, image_id: str) -> str:
        seen = self.look(environment.target(region))
        where = f"in {environment.name} {region}"
        if image_id in seen.named:
            return f"It is used by {seen.named[image_id]} {where}."
        if image_id in seen.groups:
            return f"A group {where} names it."
        return f"{seen.parameter} {where} names its AMI by a parameter." if seen.parameter else ""

    def look(self, target: Target) -> Seen:
        """What names AMIs there, read just now or less than half a minute ago."""
        seen = self._seen.get(target)
        if seen is None or time.monotonic() - seen.at > GOOD_FOR / 2:
            seen = self._seen[target] = _read(target)
        return seen


def _read(target: Target) -> Seen:
    began = time.monotonic()
    named = dict(_versions(target))
    parameter = next((what for image, what in named.items() if image.startswith(BY_PARAMETER)), "")
    named |= {image: f"launch configuration {name}" for name, image in image_use.configured_images(target).items()}
    groups = autoscaling.describe_groups(target)
    machines = [each for each in ec2.describe_instances(target) if not each.over]
    named |= {each.image_id: f"instance {each.id}" for each in machines}
    return Seen(began, named, _text(groups), parameter)


def _versions(target: Target) -> Iterator[tuple[str, str]]:
    """The latest and the default ones come of all templates at once; each that has more is asked about by itself."""
    found = defaultdict[str, list[LaunchTemplateVersion]](list)
    for newest in ec2.describe_newest_versions(target):
        found[newest.id].append(newest)
    templates = ec2.describe_launch_templates(target)  # after them: what was made meanwhile has more, too
    with together() as ask:
        more = {
            each.id: ask(ec2.describe_launch_template_versions, target, each.id)
            for each in templates
            if {version.version for version in found[each.id]} < set(range(1, each.latest_version + 1))
        }
        found |= {id_: list(reading.result()) for id_, reading in more.items()}
    for template in templates:
        for each in found[template.id]:
            yield each.image_id, f"version {each.version} of launch template {template.name}"


def _text(groups: tuple[GroupState, ...]) -> str:
    return json.dumps([group.raw for group in groups], default=str)


def users_in(environment: Environment, region: str, image_id: str) -> dict[str, list[str]]:
    """What launches an AMI in an account and region, or would: the names by kind. Raises CloudError.

    Of launch templates the latest and the default version count, and those that groups name; what names its AMI by a
    parameter may launch this one.
    """
    target = environment.target(region)
    newest = ec2.describe_newest_versions(target)
    groups = autoscaling.describe_groups(target)
    configured = image_use.configured_images(target)
    launched = _launched(environment, region, newest, {each for group in groups for each in versions_named(group.raw)})

    def launches(group: GroupState) -> bool:
        images = [configured.get(group.raw.get("LaunchConfigurationName") or "", "")]
        images += [launched.get(each, "") for each in versions_named(group.raw)]
        return image_id in _text((group,)) or any(_may_be(each, image_id) for each in images)

    return {
        "group": sorted(group.name for group in groups if launches(group)),
        "instance": sorted(sharing.launched_from(target, image_id)),
        "launch template": sorted({_in_words(each) for each in newest if _may_be(each.image_id, image_id)}),
    }


def _launched(
    environment: Environment, region: str, newest: Iterable[LaunchTemplateVersion], named: Collection[Numbered]
) -> dict[Numbered, str]:
    """The AMI of each version. Nothing of a version ever changes: what rows tell of one is good for ever."""
    known: dict[Numbered, str] = {}
    for each in sorted(newest, key=lambda each: each.version):  # of a template's two the latest is the higher
        known[each.id, str(each.version)] = known[each.id, "$Latest"] = each.image_id
        known.setdefault((each.id, "$Default"), each.image_id)
    rows = VersionRow.objects.filter(environment=environment, region=region, template_id__in={id_ for id_, _ in named})
    known |= {
        (id_, str(number)): image for id_, number, image in rows.values_list("template_id", "version", "image_id")
    }
    for template in sorted({id_ for id_, number in named if (id_, number) not in known}):
        with contextlib.suppress(NotFound):  # one that is gone launches nothing
            found = ec2.describe_launch_template_versions(environment.target(region), template)
            known |= {(template, str(each.version)): each.image_id for each in found}
    return known


def versions_named(shape: object) -> Iterator[Numbered]:
    """Every template with its version that an answer of AWS names, however deep."""
    if isinstance(shape, Mapping):
        if shape.get("LaunchTemplateId"):
            yield str(shape["LaunchTemplateId"]), str(shape.get("Version") or "$Default")
        for each in shape.values():
            yield from versions_named(each)
    elif isinstance(shape, list | tuple):
        for each in shape:
            yield from versions_named(each)


def _may_be(named: str, image_id: str) -> bool:
    return named == image_id or named.startswith(BY_PARAMETER)


def _in_words(version: LaunchTemplateVersion) -> str:
    how = ", whose AMI a parameter names," if version.image_id.startswith(BY_PARAMETER) else ""
    return f"{version.name} version {version.version}{how}"
