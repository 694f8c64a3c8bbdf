"""The versions of one launch template, who launches them and what differs between two: read when somebody looks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.cloud.aws.launch_templates import describe_launch_template_versions
from apps.cloud.values import LaunchTemplateVersion
from apps.inventory.models import Group, LaunchTemplate
from apps.inventory.selectors import lists

HIDDEN = "UserData"  # may hold secrets: not for everybody's eyes


@dataclass(frozen=True)
class Version:
    """One version, with the groups that launch it now."""

    state: LaunchTemplateVersion
    default: bool
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class Difference:
    """A member that differs between two versions, by its path in AWS's names; None where a version has not got it."""

    member: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Versions:
    """All versions, newest first; `before` and `after` are the numbers of the two compared, 0 where there is none."""

    versions: tuple[Version, ...]
    before: int
    after: int
    differences: tuple[Difference, ...]

    def has(self, number: int) -> bool:
        return any(each.state.version == number for each in self.versions)


def versions_of(row: LaunchTemplate, before: int | None = None, after: int | None = None) -> Versions:
    """Compares the versions named, else, or where there is no such version, the newest with the one before it.

    One call and one query. Raises CloudError.
    """
    found = describe_launch_template_versions(row.environment.target(row.region), row.template_id)
    states = {each.version: each for each in sorted(found, key=lambda each: -each.version)}
    new = after if after in states else next(iter(states), 0)
    old = before if before in states else next((number for number in states if number < new), new)
    used = _used(row)
    return Versions(
        tuple(_version(row, each, used) for each in states.values()),
        old,
        new,
        tuple(differences(states[old].data, states[new].data)) if states else (),
    )


def _version(row: LaunchTemplate, state: LaunchTemplateVersion, used: Mapping[int, Sequence[Group]]) -> Version:
    return Version(state, state.version == row.default_version, tuple(used.get(state.version, ())))


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    """Each member that differs; user data, which may hold secrets, as its size and a digest."""
    old, new = dict(_members(before)), dict(_members(after))
    for member in sorted({*old, *new}):
        if old.get(member) != new.get(member):
            yield Difference(member, old.get(member), new.get(member))


def _members(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
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
        yield path, value


def _used(row: LaunchTemplate) -> Mapping[int, Sequence[Group]]:
    """The groups that launch each version; `$Latest` and `$Default` count for what they mean now."""
    means = {"$Latest": row.latest_version, "$Default": row.default_version}
    used: dict[int, list[Group]] = {}
    here = lists.groups().filter(environment=row.environment, region=row.region, launch_template_id=row.template_id)
    for group in here:
        text = group.launch_template_version
        used.setdefault(means.get(text, int(text) if text.isdecimal() else 0), []).append(group)
    return used
