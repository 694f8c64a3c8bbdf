"""EC2 launch templates and their versions; part of `ec2`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from apps.cloud.aws.ec2_shapes import template_state, template_version
from apps.cloud.aws.session import call, pages
from apps.cloud.aws.shapes import chunks, tag_list
from apps.cloud.errors import InUse, NotFound
from apps.cloud.values import LaunchTemplateState, LaunchTemplateVersion, Target

SERVICE = "ec2"
PAGE = 200  # the most templates, versions and ids one call takes


def describe_launch_templates(target: Target, ids: Iterable[str] | None = None) -> tuple[LaunchTemplateState, ...]:
    """The templates of the region, or those with these ids (one unknown id raises NotFound)."""
    if ids is not None:
        answers = [
            call(target, SERVICE, "DescribeLaunchTemplates", LaunchTemplateIds=batch)
            for batch in chunks(sorted(set(ids)), PAGE)
        ]
    else:
        answers = list(pages(target, SERVICE, "DescribeLaunchTemplates", MaxResults=PAGE))
    return tuple(template_state(shape) for answer in answers for shape in answer["LaunchTemplates"])


def describe_launch_template_versions(
    target: Target, template_id: str, versions: Sequence[str | int] | None = None
) -> tuple[LaunchTemplateVersion, ...]:
    """The versions named (numbers, "$Latest", "$Default"), or all; one that is unknown raises NotFound."""
    if versions is not None:
        wanted = [str(version) for version in versions]
        answers = [
            call(target, SERVICE, "DescribeLaunchTemplateVersions", LaunchTemplateId=template_id, Versions=batch)
            for batch in chunks(wanted, PAGE)
        ]
    else:
        answers = list(
            pages(target, SERVICE, "DescribeLaunchTemplateVersions", LaunchTemplateId=template_id, MaxResults=PAGE)
        )
    return tuple(template_version(shape) for answer in answers for shape in answer["LaunchTemplateVersions"])


def describe_newest_versions(target: Target) -> tuple[LaunchTemplateVersion, ...]:
    """The latest and the default version of every template of the region, 200 a call."""
    answers = pages(
        target, SERVICE, "DescribeLaunchTemplateVersions", Versions=["$Latest", "$Default"], MaxResults=PAGE
    )
    return tuple(template_version(shape) for answer in answers for shape in answer["LaunchTemplateVersions"])


def launch_template_version(target: Target, template_id: str, version: str | int) -> LaunchTemplateVersion:
    """One version with what it launches; "$Latest" and "$Default" are answered by the version they stand for now."""
    found = describe_launch_template_versions(target, template_id, [version])
    if not found:
        raise NotFound(
            f"There is no version {version} of the launch template {template_id}.",
            operation="DescribeLaunchTemplateVersions",
        )
    return found[0]


def resolve_version(target: Target, template_id: str, version: str) -> int:
    """The number a group's version stands for; no call when it is a number already. Raises NotFound."""
    return int(version) if version.isdecimal() else launch_template_version(target, template_id, version).version


def find_launch_template(target: Target, name: str) -> LaunchTemplateState | None:
    """The template of this name; None where there is none."""
    try:
        answer = call(target, SERVICE, "DescribeLaunchTemplates", LaunchTemplateNames=[name])
    except NotFound:
        return None
    return next((template_state(shape) for shape in answer["LaunchTemplates"]), None)


def create_launch_template(
    target: Target,
    name: str,
    data: Mapping[str, Any],
    *,
    client_token: str,
    description: str,
    tags: Mapping[str, str],
) -> LaunchTemplateState:
    """CreateLaunchTemplate, with `data` as its version 1.

    Takes a client token (at most 128 characters): a repeat with the same one answers the template already made.
    Took effect if find_launch_template shows it, with these tags. Raises AlreadyExists for somebody else's.
    """
    specification = [{"ResourceType": "launch-template", "Tags": tag_list(tags)}]
    answer = call(
        target,
        SERVICE,
        "CreateLaunchTemplate",
        LaunchTemplateName=name,
        LaunchTemplateData=data,
        ClientToken=client_token,
        VersionDescription=description,
        TagSpecifications=specification,
    )
    return template_state(answer["LaunchTemplate"])


def delete_launch_template(target: Target, template_id: str) -> None:
    """DeleteLaunchTemplate, with all its versions. No client token; took effect if it is no longer described."""
    call(target, SERVICE, "DeleteLaunchTemplate", LaunchTemplateId=template_id)


def create_launch_template_version(
    target: Target,
    template_id: str,
    *,
    source_version: int,
    image_id: str,
    client_token: str,
    description: str = "",
    user_data: str = "",
) -> LaunchTemplateVersion:
    """CreateLaunchTemplateVersion: the source version with another AMI, and other user data (encoded) if given.

    Takes a client token (at most 128 characters): a repeat with the same one answers the version already made.
    Took effect if a version with this description is described.
    """
    answer = call(
        target,
        SERVICE,
        "CreateLaunchTemplateVersion",
        LaunchTemplateId=template_id,
        SourceVersion=str(source_version),
        ClientToken=client_token,
        VersionDescription=description or None,
        LaunchTemplateData={"ImageId": image_id, **({"UserData": user_data} if user_data else {})},
    )
    return template_version(answer["LaunchTemplateVersion"])


def add_launch_template_version(
    target: Target, template_id: str, data: Mapping[str, Any], *, client_token: str, description: str
) -> LaunchTemplateVersion:
    """CreateLaunchTemplateVersion: one with `data` alone, nothing of it taken from another version.

    Token, repeat and effect as of `create_launch_template_version`.
    """
    answer = call(
        target,
        SERVICE,
        "CreateLaunchTemplateVersion",
        LaunchTemplateId=template_id,
        ClientToken=client_token,
        VersionDescription=description,
        LaunchTemplateData=data,
    )
    return template_version(answer["LaunchTemplateVersion"])


def delete_launch_template_versions(target: Target, template_id: str, versions: Sequence[int]) -> None:
    """DeleteLaunchTemplateVersions; versions already gone are passed over.

    No client token, repeating it is harmless. AWS never deletes the default version: that raises InUse.
    """
    for batch in chunks([str(version) for version in versions], PAGE):
        answer = call(target, SERVICE, "DeleteLaunchTemplateVersions", LaunchTemplateId=template_id, Versions=batch)
        for failure in answer.get("UnsuccessfullyDeletedLaunchTemplateVersions") or ():
            _raise_unless_gone(template_id, failure["VersionNumber"], failure.get("ResponseError") or {})


def _raise_unless_gone(template_id: str, version: int, error: Mapping[str, str]) -> None:
    code = error.get("Code", "")
    if "NotExist" in code or "NotFound" in code:
        return
    raise InUse(
        f"Version {version} of the launch template {template_id} was not deleted: {error.get('Message', code)}",
        operation="DeleteLaunchTemplateVersions",
        code=code,
    )
