"""Launch templates and their versions. A version's data is kept and described as it was given."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from apps.localcloud.cloud import Cloud, now
from apps.localcloud.ec2.backend import backend
from apps.localcloud.errors import AwsError


@dataclass(frozen=True)
class Version:
    number: int
    data: dict[str, Any]
    description: str
    created: datetime
    created_by: str


@dataclass
class Template:
    id: str
    name: str
    created: datetime
    created_by: str
    default: int = 1
    versions: dict[int, Version] = field(default_factory=dict)
    numbered: int = 0  # the highest number ever given; a deleted version's number is not given again

    @property
    def latest(self) -> int:
        return max(self.versions)

    def add(self, data: dict[str, Any], description: str, created_by: str) -> Version:
        self.numbered += 1
        version = Version(self.numbered, data, description, now(), created_by)
        self.versions[version.number] = version
        return version

    def version(self, wanted: str) -> Version:
        """`$Latest`, `$Default` or a number. Raises AwsError."""
        if wanted == "$Latest":
            return self.versions[self.latest]
        if wanted in ("$Default", ""):
            return self.versions[self.default]
        if not wanted.isdigit():
            raise AwsError(
                "InvalidLaunchTemplateId.VersionNotFound", f"Could not find launch template version: {wanted}"
            )
        found = self.versions.get(int(wanted))
        if found is None:
            raise AwsError(
                "InvalidLaunchTemplateId.VersionNotFound",
                f"Could not find the specified version {wanted} for the launch template with ID {self.id}.",
            )
        return found


@dataclass
class Templates:
    """The launch templates of one account and region."""

    known: dict[str, Template] = field(default_factory=dict)

    def by_id(self, template_id: str) -> Template:
        found = self.known.get(template_id)
        if found is None:
            raise AwsError(
                "InvalidLaunchTemplateId.NotFound",
                f"The specified launch template, with template ID {template_id}, does not exist.",
            )
        return found

    def by_name(self, name: str) -> Template:
        for one in self.known.values():
            if one.name == name:
                return one
        raise AwsError(
            "InvalidLaunchTemplateName.NotFoundException",
            f"The specified launch template, with template name {name}, does not exist.",
        )

    def find(self, template_id: str | None, name: str | None) -> Template:
        """By exactly one of id and name. Raises AwsError."""
        if bool(template_id) == bool(name):
            raise AwsError(
                "MissingParameter" if not template_id else "InvalidParameterCombination",
                "Either LaunchTemplateId or LaunchTemplateName must be specified, and not both.",
            )
        return self.by_id(template_id) if template_id else self.by_name(name or "")

    def new(self, name: str, created_by: str) -> Template:
        template = Template(f"lt-{secrets.token_hex(9)[:17]}", name, now(), created_by)
        self.known[template.id] = template
        return template


def templates(cloud: Cloud, account: str, region: str) -> Templates:
    return cloud.state(Templates, account, region)


def forget_template(cloud: Cloud, account: str, region: str, template: Template) -> None:
    templates(cloud, account, region).known.pop(template.id)
    backend(account, region).tags.pop(template.id, None)
