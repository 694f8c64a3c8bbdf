"""What a source of commits is, and what it answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from apps.images.addresses import names_somebody

MOST = 500  # commits that are told of each direction
LONGEST_MESSAGE = 4000  # characters of it that are kept
COMMIT = re.compile(r"[0-9a-f]{7,64}")  # of its id, all digits or the first

_known: list[Callable[[str], Source | None]] = []


class Unanswered(Exception):
    """A source did not tell: a sentence for people, that says why and what to do."""


@dataclass(frozen=True)
class Told:
    """A commit as a source tells it; `at` is a moment in ISO 8601."""

    id: str
    author: str
    at: str
    message: str
    url: str = ""


@dataclass(frozen=True)
class Between:
    """Commits of one of two commits that the other one lacks, newest first; `total` may be more than are told."""

    commits: tuple[Told, ...]
    total: int


NOTHING = Between((), 0)


class Source(Protocol):
    """One repository. `key` names it among all, for what is kept of it."""

    @property
    def key(self) -> str: ...

    def compare(self, before: str, after: str) -> tuple[Between, Between]:
        """What `after` has that `before` lacks, and the other way round. Raises Unanswered."""
        ...


def source(opener: Callable[[str], Source | None]) -> Callable[[str], Source | None]:
    """Decorator: registers a function that opens the repository of a recipe's `git`, or answers None: not one of its.

    It raises Unanswered for one of its that cannot be.
    """
    _known.append(opener)
    return opener


def opened(git: str) -> Source:
    """The source of a recipe's `git`. Raises Unanswered where no source takes it."""
    if names_somebody(git):
        raise Unanswered(
            "Leave user name and token out of the repository's address: a recipe is shown to everybody. Give the"
            " console a token by GITHUB_TOKEN or GITLAB_TOKEN."
        )
    found = next(filter(None, _tried(git)), None)
    if found is None:
        raise Unanswered(
            f"{git} is no repository that is understood here: name a clone's folder, github:owner/name,"
            " gitlab:group/name, or the project's address."
        )
    return found


def _tried(git: str) -> Iterator[Source | None]:
    return (opener(git) for opener in _known)


def shortened(message: str) -> str:
    """As much of a message as is kept."""
    return message.strip()[:LONGEST_MESSAGE]
