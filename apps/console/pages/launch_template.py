"""The page of a launch template."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class VersionLine:
    """One version. `used_by` are the groups that launch it: name and link."""

    number: int
    image: str
    type: str
    description: str
    created_at: datetime
    default: bool
    used_by: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Difference:
    """A member that differs between two versions, in AWS's names; empty where a version has not got it."""

    member: str
    before: str
    after: str


@dataclass(frozen=True)
class LaunchTemplatePage:
    """`before` and `after` are the versions that are compared; 0 where there is nothing to compare."""

    environment: str
    region: str
    name: str
    id: str
    versions: tuple[VersionLine, ...]
    before: int
    after: int
    differences: tuple[Difference, ...]
    unknown: str = ""  # a version that was asked for and is not there
    problem: str = ""

    @property
    def unknown_words(self) -> str:
        return f"There is no version {self.unknown}; these two are compared instead."
