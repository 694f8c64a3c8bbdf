"""The commits between two images, from the repository that a recipe names, with the tickets that they name."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.cache import cache

from apps.images.commits import sources, tickets
from apps.images.commits.base import COMMIT, Between, Told, Unanswered, opened
from apps.images.commits.tickets import wrong_address, wrong_pattern
from apps.images.models import Recipe

__all__ = ["Commit", "Commits", "Ticket", "commits_between", "sources", "wrong_address", "wrong_git", "wrong_pattern"]

KEPT_FOR = 86_400  # seconds; what lies between two commits never changes
ASKED_AGAIN_AFTER = 30  # seconds, where a source did not answer: a rate limit is not to be met by more questions
TOO_LATE = "The ticket pattern takes too long on these messages; some tickets are not shown."


@dataclass(frozen=True)
class Commit:
    """A commit with the ids of its tickets; `title` is the first line of its message, `at` a moment in ISO 8601."""

    id: str
    title: str
    author: str
    at: str
    url: str
    tickets: tuple[str, ...]


@dataclass(frozen=True)
class Ticket:
    """A ticket that commits name; `url` is empty where the recipe tells no address."""

    id: str
    url: str
    commits: int


@dataclass(frozen=True)
class Commits:
    """`added` are those that the second image has and the first has not, `removed` the other way round, newest first.

    The totals may be more than are listed. `problem` says in a sentence why nothing is known, `note` what is missing.
    """

    added: tuple[Commit, ...] = ()
    added_total: int = 0
    removed: tuple[Commit, ...] = ()
    removed_total: int = 0
    tickets: tuple[Ticket, ...] = ()
    problem: str = ""
    note: str = ""


def commits_between(recipe: Recipe | None, before: str, after: str) -> Commits:
    """The commits between two commit ids (all digits, or the first 7 or more). Never raises: it says what is wrong."""
    problem = _cannot(recipe, before, after)
    if problem or recipe is None or before == after:
        return Commits(problem=problem)
    try:
        added, removed = _compared(recipe.git, before, after)
    except Unanswered as error:
        return Commits(problem=str(error))
    finder = tickets.Finder(recipe.ticket_pattern)
    gained, lost = _read(added, finder), _read(removed, finder)
    return Commits(
        added=gained,
        added_total=added.total,
        removed=lost,
        removed_total=removed.total,
        tickets=_counted([*gained, *lost], recipe.ticket_url),
        note=TOO_LATE if finder.late else wrong_pattern(recipe.ticket_pattern),
    )


def wrong_git(git: str) -> str:
    """What is wrong with what a recipe names as its repository, in a sentence; empty for a good one, and for none."""
    try:
        if git:
            opened(git)
    except Unanswered as error:
        return str(error)
    return ""


def _cannot(recipe: Recipe | None, before: str, after: str) -> str:
    """Why there is nothing to ask a source."""
    if recipe is None or not recipe.git:
        return "Which commits lie between them is not known: no recipe of this application names its repository."
    unclear = [text for text in (before, after) if not COMMIT.fullmatch(text)]
    if not unclear:
        return ""
    if not any(unclear):
        return "Which commits lie between them is not known: it is not told of both from which commit they were built."
    return f"Which commits lie between them is not known: {' and '.join(filter(None, unclear))} is no commit id of Git."


def _compared(git: str, before: str, after: str) -> tuple[Between, Between]:
    """As the source tells it, or told it a while ago. Raises Unanswered, also again while it is not asked anew."""
    repository = opened(git)
    named = "\n".join([repository.key, before, after]).encode()
    key = f"commits:{hashlib.blake2b(named, digest_size=20).hexdigest()}"
    found: tuple[Between, Between] | str | None = cache.get(key)
    if found is None:
        try:
            found = repository.compare(before, after)
        except Unanswered as error:
            found = str(error)
        cache.set(key, found, ASKED_AGAIN_AFTER if isinstance(found, str) else KEPT_FOR)
    if isinstance(found, str):
        raise Unanswered(found)
    return found


def _read(found: Between, finder: tickets.Finder) -> tuple[Commit, ...]:
    return tuple(_commit(told, finder.tickets(told.message)) for told in found.commits)


def _commit(told: Told, named: tuple[str, ...]) -> Commit:
    title = told.message.partition("\n")[0].strip()
    url = told.url if told.url.startswith(("https://", "http://")) else ""
    return Commit(told.id, title or "(no message)", told.author, told.at, url, named)


def _counted(commits: Sequence[Commit], template: str) -> tuple[Ticket, ...]:
    """Each ticket once, those of the most commits first."""
    counts = Counter(ticket for commit in commits for ticket in commit.tickets)
    return tuple(Ticket(each, tickets.address_of(each, template), count) for each, count in counts.most_common())
