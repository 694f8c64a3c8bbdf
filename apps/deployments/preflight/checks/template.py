"""What the launch template of the serving group means for the next one."""

from __future__ import annotations

from collections.abc import Iterator

from apps.cloud.values import GroupState
from apps.deployments.errors import Finding
from apps.deployments.preflight.plain import Asked, plain_check
from apps.deployments.situation import Situation


@plain_check
def template(situation: Situation, serving: GroupState, asked: Asked) -> Iterator[Finding]:
    """Refuses a group without one; tells of a version that is not pinned, and of user data that is not rewritten."""
    del asked
    version = situation.template
    if version is None:
        text = (
            f"The launch template version, or launch configuration, of {serving.name} was deleted. "
            "Give the group one that exists, then push."
        )
        yield Finding("refuse", "no-template", text)
        return
    if serving.launch_template and serving.launch_template.version.startswith("$"):
        text = (
            f"{serving.name} launches {serving.launch_template.version} of {version.name}; "
            f"the next group will be pinned to a new version made from version {version.version}."
        )
        yield Finding("note", "unpinned", text, "LaunchTemplate")
    if situation.configuration:
        text = (
            f"{serving.name} launches from the launch configuration {version.name}, which AWS has given up; the next "
            "group launches from a launch template made out of it."
        )
        yield Finding("note", "launch-configuration", text, "LaunchConfigurationName")
    if serving.name in version.user_data and situation.user_data is None:
        number = f" version {version.version}" if version.id else ""
        text = (
            f"The user data of {version.name}{number} names {serving.name}; it is not rewritten. "
            "Let it ask for its group's name instead (by its tags), or see that the old name does no harm."
        )
        yield Finding("warn", "user-data-names-group", text, "UserData")
