"""A further version of the cluster's launch template, where none that stands is what the first group is to launch."""

from __future__ import annotations

from collections.abc import Mapping

from apps.cloud.aws import ec2
from apps.cloud.errors import NotFound
from apps.cloud.values import LaunchTemplateVersion
from apps.deployments.scaffold.kinds.base import At, Kind, Seen, register
from apps.deployments.scaffold.kinds.launch_template import data_of, launches
from apps.deployments.steps.template_version import mark


@register
class TemplateVersion(Kind):
    """Settings: those of the template, `launch_template` (its key), `token`. Its id is its number.

    Versions have no tags: the token in its description, which nobody else knows, says that it is ours.
    """

    noun, words = "launch-template-version", "launch template version"
    reading = ("ec2:DescribeLaunchTemplateVersions",)
    making = ("ec2:CreateLaunchTemplateVersion",)
    removing = ("ec2:DeleteLaunchTemplateVersions",)

    def look(self, at: At) -> Seen | None:
        ours = mark(at.settings["token"])
        found = [each for each in versions(at) if each.description == ours]
        return Seen(str(found[0].version), tags=None) if found else None

    def make(self, at: At, labels: Mapping[str, str]) -> None:
        token = at.settings["token"]
        template = at.id_of("launch_template")
        ec2.add_launch_template_version(at.target, template, data_of(at), client_token=token, description=mark(token))

    def remove(self, at: At, seen: Seen) -> None:
        ec2.delete_launch_template_versions(at.target, at.id_of("launch_template"), [int(seen.id)])

    def in_words(self, at: At) -> str:
        return f"CreateLaunchTemplateVersion: {at.settings['launch_template'].rpartition(':')[2]}, {launches(at)}"


def versions(at: At) -> tuple[LaunchTemplateVersion, ...]:
    """Those of the launch template that the settings name; none where there is no such template. Raises CloudError."""
    template = at.id_of("launch_template")
    try:
        return ec2.describe_launch_template_versions(at.target, template) if template else ()
    except NotFound:
        return ()
