"""What differs between two images, on a page of its own and within others."""

from __future__ import annotations

from dataclasses import dataclass

from apps.console.pages.common import State
from apps.images.commits import Commits


@dataclass(frozen=True)
class ChangeLine:
    """A package or file that differs; `was` and `now` are versions, empty for what has none.

    Its state has no kind where its word alone tells it.
    """

    state: State
    name: str
    was: str
    now: str


@dataclass(frozen=True)
class ChangePart:
    """The packages of one manager, or the configuration files; `more` are not listed here."""

    title: str
    counts: str  # "3 upgraded, 1 added, 412 unchanged"
    lines: tuple[ChangeLine, ...]
    more: int
    versions: bool  # whether its lines have versions


@dataclass(frozen=True)
class DiffSide:
    """One of the two: its id, what a heading calls it, and the address of its page, where it has one."""

    id: str
    title: str
    href: str


@dataclass(frozen=True)
class DiffPage:
    """From `before` to `after`. `href` is the page of the whole comparison, `commits` that of the commits."""

    before: DiffSide
    after: DiffSide
    summary: str
    unknown: tuple[str, ...]
    facts: tuple[tuple[str, str, str], ...]  # name, before, after
    parts: tuple[ChangePart, ...]
    builds: tuple[tuple[str, str], ...]  # what to call a build, and its address
    href: str
    commits: str
    whole: bool  # nothing is left out


@dataclass(frozen=True)
class CommitsPage:
    """The commits between two images."""

    before: DiffSide
    after: DiffSide
    href: str
    found: Commits
    summary: str
    cut: str  # how many are not listed, in a sentence; empty when none
