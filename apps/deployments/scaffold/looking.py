"""Looking for the parts of a scaffold, and for what a first group may launch of what stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from apps.cloud.values import Target
from apps.deployments.digests import digests
from apps.deployments.scaffold import kinds
from apps.deployments.scaffold.kinds.base import At, Seen
from apps.deployments.scaffold.kinds.launch_template import data_of
from apps.deployments.scaffold.kinds.launch_template_version import versions
from apps.deployments.scaffold.parts import Part


@dataclass(frozen=True)
class Looked:
    """A part, and what AWS has of its name."""

    part: Part
    at: At
    seen: Seen | None


def look(target: Target, parts: Iterable[Part], ids: dict[str, str]) -> Iterator[Looked]:
    """One after the other: each may need the ids of those before, which `ids` gathers. Raises CloudError."""
    for part in parts:
        at = At(target, part.name, part.settings, dict(ids))
        seen = kinds.of(part.noun).look(at)
        if seen:
            ids[part.key] = seen.id
        yield Looked(part, at, seen)


def same_version(at: At) -> int | None:
    """The newest version of a launch template that launches just what is asked for; None where none does.

    `at` is of a version to be made, its template standing. Raises CloudError.
    """
    wanted = data_of(at)
    alike = (
        each.version
        for each in versions(at)
        if each.data.get("ImageId") == wanted["ImageId"] and digests(each.data) == digests(wanted)
    )
    return max(alike, default=None)
