"""Whether an AMI is used, by fresh reads of every account that may launch it. What cannot be read raises.

One read of a place serves the deletions of a moment: it is a minute old at most.
"""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from apps.cloud.aws import autoscaling, ec2, image_use, sharing
from apps.cloud.aws.together import together
from apps.cloud.values import GroupState, LaunchTemplateVersion, Target
from apps.inventory.models import Environment
from apps.inventory.selectors.references import BY_PARAMETER

GOOD_FOR = 60.0  # seconds for which what was read is good enough to delete by
OVER = frozenset({"shutting-down", "terminated"})


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
    machines = [each for each in ec2.describe_instances(target) if each.state not in OVER]
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
