"""Commits by GitHub's REST API, on github.com or an Enterprise Server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import Any

from django.conf import settings

from apps.images.commits.address import project_of
from apps.images.commits.base import MOST, NOTHING, Between, Told, Unanswered, shortened, source
from apps.images.commits.http import Api, Missing

A_PAGE = 100  # commits; GitHub gives no more
PROJECT = re.compile(r"[\w-][\w.-]*/[\w.-]+")


@dataclass(frozen=True)
class GitHub:
    """One repository, `owner/name`."""

    project: str

    @property
    def key(self) -> str:
        return f"{settings.GITHUB_API_URL} {self.project}"

    def compare(self, before: str, after: str) -> tuple[Between, Between]:
        """By GitHub's comparison of two commits; the other way round only where that finds any."""
        token = {"Authorization": f"Bearer {settings.GITHUB_TOKEN}"} if settings.GITHUB_TOKEN else {}
        api = Api("GitHub", settings.GITHUB_API_URL, "GITHUB_TOKEN", token)
        try:
            added, behind = self._between(api, before, after)
            return added, self._between(api, after, before)[0] if behind else NOTHING
        except Missing as error:
            raise Unanswered(
                f"GitHub shows us no repository {self.project} with both commits {before} and {after}: they may not be"
                " pushed, or our token may not read it."
            ) from error
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Unanswered(f"GitHub answers otherwise than its API: is {settings.GITHUB_API_URL} it?") from error

    def _between(self, api: Api, before: str, after: str) -> tuple[Between, int]:
        """And by how many commits `after` is behind. GitHub tells the oldest first: its last pages are what we want."""
        path = f"repos/{self.project}/compare/{before}...{after}"
        first = api.get(path, per_page=A_PAGE, page=1)
        total = int(first["total_commits"])
        found: list[Told] = []
        for page in range(max(1, ceil(total / A_PAGE)), 0, -1):
            answer = first if page == 1 else api.get(path, per_page=A_PAGE, page=page)
            found += reversed([*_told(answer["commits"])])
            if len(found) >= MOST:
                break
        return Between(tuple(found[:MOST]), total), int(first["behind_by"])


def _told(commits: list[dict[str, Any]]) -> Iterator[Told]:
    for each in commits:
        author = each["commit"]["author"] or {}
        yield Told(
            id=str(each["sha"]),
            author=str(author.get("name", "")),
            at=str(author.get("date", "")),
            message=shortened(str(each["commit"]["message"])),
            url=str(each["html_url"]),
        )


@source
def github(git: str) -> GitHub | None:
    """`github:owner/name`, or an address on GITHUB_URL."""
    project = project_of(git, "github:", settings.GITHUB_URL)
    if project is None:
        return None
    if not PROJECT.fullmatch(project) or ".." in project:
        raise Unanswered(f"{git} names no repository of GitHub: write github:owner/name.")
    return GitHub(project)
