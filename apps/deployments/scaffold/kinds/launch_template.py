"""The launch template of the first group; pushes make further versions of it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from apps.cloud.aws import ec2
from apps.cloud.tags import RUN_TAG
from apps.deployments.scaffold.kinds.base import At, Kind, Seen, register
from apps.deployments.steps.template_version import mark


@register
class LaunchTemplate(Kind):
    """Settings: `image`, `instance_type`, `profile`, `user_data` (text), `says` (of that), `security_group` (a key)."""

    noun, words = "launch-template", "launch template"
    reading = ("ec2:DescribeLaunchTemplates",)
    making = ("ec2:CreateLaunchTemplate", "ec2:CreateTags")
    removing = ("ec2:DeleteLaunchTemplate",)

    def look(self, at: At) -> Seen | None:
        found = ec2.find_launch_template(at.target, at.name)
        return None if found is None else Seen(found.id, found.tags)

    def make(self, at: At, labels: Mapping[str, str]) -> None:
        token = f"scaffold-{labels[RUN_TAG]}-{at.name}"[:128]
        ec2.create_launch_template(
            at.target, at.name, data_of(at), client_token=token, description=mark(token), tags=labels
        )

    def remove(self, at: At, seen: Seen) -> None:
        ec2.delete_launch_template(at.target, seen.id)

    def in_words(self, at: At) -> str:
        return f"CreateLaunchTemplate: {at.name}, {launches(at)}"


def launches(at: At) -> str:
    """What is launched, in words."""
    return f"{at.settings['image']} on {at.settings['instance_type']}{at.settings.get('says', '')}"


def data_of(at: At) -> dict[str, Any]:
    """The LaunchTemplateData; without a security group that is not made yet."""
    settings = at.settings
    data: dict[str, Any] = {"ImageId": settings["image"], "InstanceType": settings["instance_type"]}
    if group := at.id_of("security_group"):
        data["SecurityGroupIds"] = [group]
    if settings["profile"]:
        data["IamInstanceProfile"] = {"Name": settings["profile"]}
    if settings["user_data"]:
        data["UserData"] = base64.b64encode(settings["user_data"].encode()).decode()
    return data
