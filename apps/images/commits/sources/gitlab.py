"""Commits by GitLab's REST API, on gitlab.com or a server of one's own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.conf import settings

from apps.images.commits.address import project_of
from apps.images.commits.base import MOST, Between, Told, Unanswered, shortened, source
from apps.images.commits.http import Api, Missing

PROJECT = re.compile(r"[\w-][\w.-]*(?:/[\w.-]+)+")


@dataclass(frozen=True)
class GitLab:
    """One project, `group/name`; groups may lie in groups."""

    project: str

    @property
    def key(self) -> str:
        return f"{settings.GITLAB_URL} {self.project}"

    def compare(self, before: str, after: str) -> tuple[Between, Between]:
        """By GitLab's comparison, once each way: it has no pages, and does not say how many there are the other way."""
        token = {"Authorization": f"Bearer {settings.GITLAB_TOKEN}"} if settings.GITLAB_TOKEN else {}
        api = Api("GitLab", f"{settings.GITLAB_URL.rstrip('/')}/api/v4", "GITLAB_TOKEN", token)
        try:
            return self._between(api, before, after), self._between(api, after, before)
        except Missing as error:
            raise Unanswered(
                f"GitLab shows us no project {self.project} with both commits {before} and {after}: they may not be"
                " pushed, or our token may not read it."
            ) from error
        except (KeyError, TypeError, AttributeError) as error:
            raise Unanswered(f"GitLab answers otherwise than its API: is {settings.GITLAB_URL} it?") from error

    def _between(self, api: Api, before: str, after: str) -> Between:
        path = f"projects/{quote(self.project, safe='')}/repository/compare"
        # each lists what `to` has since it parted from `from`
        commits = api.get(path, **{"from": before, "to": after, "straight": "false"})["commits"]
        newest = sorted(commits, key=lambda each: str(each["committed_date"]), reverse=True)
        return Between(tuple(_told(newest[:MOST])), len(commits))


def _told(commits: list[dict[str, Any]]) -> Iterator[Told]:
    for each in commits:
        yield Told(
            id=str(each["id"]),
            author=str(each["author_name"]),
            at=str(each["authored_date"]),
            message=shortened(str(each["message"])),
            url=str(each["web_url"]),
        )


@source
def gitlab(git: str) -> GitLab | None:
    """`gitlab:group/name`, or an address on GITLAB_URL."""
    project = project_of(git, "gitlab:", settings.GITLAB_URL)
    if project is None:
        return None
    if not PROJECT.fullmatch(project) or ".." in project:
        raise Unanswered(f"{git} names no project of GitLab: write gitlab:group/name.")
    return GitLab(project)
