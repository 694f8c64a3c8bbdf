"""The page of a launch template: its versions as AWS tells them now, who launches them, and what differs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.urls import reverse

from apps.cloud.aws.launch_templates import describe_launch_template_versions
from apps.cloud.errors import CloudError
from apps.cloud.values import LaunchTemplateVersion
from apps.console.build.group_details import HIDDEN, as_text
from apps.console.pages.launch_template import Difference, LaunchTemplatePage, VersionLine
from apps.inventory.models import LaunchTemplate
from apps.inventory.selectors import lists


def launch_template_page(row: LaunchTemplate, before: str, after: str) -> LaunchTemplatePage:
    """Compares the versions named, else the newest with the one before it; what AWS does not answer is said."""
    problem = ""
    versions: Sequence[LaunchTemplateVersion] = ()
    try:
        versions = describe_launch_template_versions(row.environment.target(row.region), row.template_id)
    except CloudError as error:
        problem = f"AWS did not tell its versions: {error}"
    known = {each.version: each for each in sorted(versions, key=lambda each: -each.version)}
    new = _chosen(known, after, next(iter(known), 0))
    old = _chosen(known, before, next((number for number in known if number < new), new))
    unknown = next((asked for asked in (before, after) if asked and not _is_one(known, asked)), "")
    used = _used(row, known)
    return LaunchTemplatePage(
        environment=row.environment.name,
        region=row.region,
        name=row.name,
        id=row.template_id,
        versions=tuple(_line(row, each, used) for each in known.values()),
        before=old,
        after=new,
        differences=tuple(differences(known[old].data, known[new].data)) if known else (),
        unknown=unknown,
        problem=problem,
    )


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    """Each member that differs, by its path; user data, which may hold secrets, as its size and a digest."""
    old, new = dict(_members(before)), dict(_members(after))
    for member in sorted({*old, *new}):
        if old.get(member) != new.get(member):
            yield Difference(member, old.get(member, ""), new.get(member, ""))


def _members(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if path == HIDDEN:
        digest = hashlib.blake2b(str(value).encode(), digest_size=4).hexdigest()
        yield path, f"{len(str(value))} characters, digest {digest}"
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from _members(each, f"{path}.{name}" if path else name)
    elif isinstance(value, list | tuple):
        for number, each in enumerate(value):
            yield from _members(each, f"{path}[{number}]")
    else:
        yield path, as_text(value)


def _is_one(known: Mapping[int, object], asked: str) -> bool:
    return asked.isdecimal() and int(asked) in known


def _chosen(known: Mapping[int, object], asked: str, otherwise: int) -> int:
    return int(asked) if _is_one(known, asked) else otherwise


def _used(row: LaunchTemplate, known: Mapping[int, object]) -> dict[int, list[tuple[str, str]]]:
    """The groups that launch each version; `$Latest` and `$Default` count for what they mean now."""
    means = {"$Latest": row.latest_version, "$Default": row.default_version}
    used: dict[int, list[tuple[str, str]]] = {number: [] for number in known}
    here = lists.groups().filter(environment=row.environment, region=row.region, launch_template_id=row.template_id)
    for group in here:
        text = group.launch_template_version
        number = means.get(text, int(text) if text.isdecimal() else 0)
        where = [row.environment.name, row.region, group.name]
        used.setdefault(number, []).append((group.name, reverse("console:group", args=where)))
    return used


def _line(
    row: LaunchTemplate, version: LaunchTemplateVersion, used: Mapping[int, list[tuple[str, str]]]
) -> VersionLine:
    return VersionLine(
        number=version.version,
        image=version.image_id,
        type=version.instance_type,
        description=version.description,
        created_at=version.created_at,
        default=version.version == row.default_version,
        used_by=tuple(used.get(version.version, ())),
    )
