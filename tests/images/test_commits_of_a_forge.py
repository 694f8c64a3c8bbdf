"""The commits between two images by the APIs of GitHub and GitLab, over real HTTP; every error is a sentence."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from pytest_django.fixtures import Settings

from apps.images.commits import Commits, commits_between, http
from apps.images.models import Recipe
from tests.images.baked import forgetful
from tests.images.servers import TOKEN, Forge, GitHub, GitLab, serving

__all__ = ["forgetful"]


@pytest.fixture(params=[GitHub, GitLab])
def forge(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Forge]:
    """Each of them, with a good token."""
    settings.GITHUB_TOKEN = settings.GITLAB_TOKEN = TOKEN
    with serving(request.param()) as running:
        settings.GITHUB_API_URL = settings.GITLAB_URL = running.url
        yield running


def between(forge: Forge, before: str, after: str) -> Commits:
    git = f"{type(forge).__name__.lower()}:shop/api"
    recipe = Recipe(git=git, ticket_pattern="[A-Z]+-[0-9]+", ticket_url="https://jira.example.com/{ticket}")
    return commits_between(recipe, before, after)


def name(forge: Forge) -> str:
    return type(forge).__name__


def test_fifty_commits_with_their_tickets_and_addresses_and_the_same_taken_back(forge: Forge) -> None:
    forge.count = 51
    found = between(forge, forge.id(0), forge.id(50))
    assert found.problem == ""
    assert [each.id for each in found.added] == [forge.id(number) for number in range(50, 0, -1)]
    assert (found.added_total, found.removed, len(found.tickets)) == (50, (), 50)
    newest, second = found.added[:2]
    assert (newest.title, newest.tickets) == ("SHOP-50: change 50", ("SHOP-50",))
    assert newest.url.startswith(f"https://{name(forge).lower()}.com/shop/api/")
    assert newest.url.endswith(f"commit/{newest.id}")
    assert (second.author, second.at[:16]) == ("Maria", "2026-11-28T10:00")
    back = between(forge, forge.id(50), forge.id(0))
    assert (back.added, [each.id for each in back.removed]) == ((), [each.id for each in found.added])


def test_what_was_answered_is_not_asked_again(forge: Forge) -> None:
    first = between(forge, forge.id(1), forge.id(2))
    asked = len(forge.asked)
    assert between(forge, forge.id(1), forge.id(2)) == first
    assert len(forge.asked) == asked


def test_of_more_than_are_listed_the_newest_are_taken_in_few_questions(forge: Forge) -> None:
    forge.count = 1234
    found = between(forge, forge.id(0), forge.id(1233))
    assert (len(found.added), found.added_total) == (500, 1233)
    assert found.added[0].id == forge.id(1233)
    listed = [each.id for each in found.added]
    assert listed == sorted(listed, reverse=True)
    assert len(forge.asked) <= 7


@pytest.mark.parametrize(
    ("status", "headers", "words"),
    [
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1790000000"}, "used up until 2026-09-21T"),
        (429, {"Retry-After": "60"}, "its rate limit is used up for 60 s."),
        (429, {}, "its rate limit is used up."),
        (403, {}, "does not let us read this: Because"),
        (401, {}, "does not accept our token: look at GIT"),
        (500, {}, "answered 500: Because"),
        (404, {}, "they may not be pushed, or our token may not read it."),
        (302, {"Location": "/elsewhere"}, "cannot be reached: Exceeded maximum allowed redirects"),
    ],
)
def test_a_refusal_is_a_sentence_that_says_what_to_do(
    forge: Forge, status: int, headers: dict[str, str], words: str
) -> None:
    forge.instead = (status, headers, {"message": "Because."})
    found = between(forge, forge.id(1), forge.id(2))
    assert words in found.problem
    assert name(forge) in found.problem
    assert (found.added, found.tickets) == ((), ())
    asked = len(forge.asked)
    assert between(forge, forge.id(1), forge.id(2)).problem == found.problem
    assert len(forge.asked) == asked  # a limit is not met by more questions


def test_a_commit_or_a_project_that_is_not_there_is_named(forge: Forge) -> None:
    missing = "f" * 40
    found = between(forge, forge.id(0), missing)
    assert missing in found.problem
    assert "shop/api" in found.problem


def test_a_wrong_token_is_told_by_its_setting(forge: Forge, settings: Settings) -> None:
    settings.GITHUB_TOKEN = settings.GITLAB_TOKEN = "old"
    assert f"look at {name(forge).upper()}_TOKEN" in between(forge, forge.id(0), forge.id(1)).problem


def test_without_a_token_none_is_sent(forge: Forge, settings: Settings) -> None:
    settings.GITHUB_TOKEN = settings.GITLAB_TOKEN = ""
    assert between(forge, forge.id(0), forge.id(1)).added_total == 1


@pytest.mark.parametrize(
    "raw", [b"<html>", b"[]", b"{}", b"null", b'{"commits": 7, "total_commits": "x"}', b"[" * 90_000]
)
def test_what_is_no_answer_of_theirs_is_a_sentence(forge: Forge, raw: bytes) -> None:
    forge.raw = raw
    problem = between(forge, forge.id(0), forge.id(1)).problem
    assert "is http://127.0.0.1" in problem


def test_an_answer_that_is_too_large_or_too_late_is_given_up(forge: Forge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "LARGEST", 100)
    assert "too much differs" in between(forge, forge.id(0), forge.id(40)).problem
    cache.clear()
    monkeypatch.setattr(http, "ALL_OF_IT", 0.0)
    assert f"{name(forge)} did not answer within" in between(forge, forge.id(0), forge.id(1)).problem


def test_a_server_that_hangs_up_or_is_not_there_is_a_sentence(forge: Forge, settings: Settings) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        settings.GITHUB_API_URL = settings.GITLAB_URL = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        assert f"{name(forge)} cannot be reached" in between(forge, forge.id(0), forge.id(1)).problem


def test_a_token_does_not_follow_to_another_server(forge: Forge) -> None:
    with serving(type(forge)()) as other:
        forge.instead = (302, {"Location": f"{other.url}/elsewhere"}, {})
        between(forge, forge.id(0), forge.id(1))
        assert other.asked == ["/elsewhere"]
    assert TOKEN in forge.told[0]
    assert TOKEN not in other.told[0]


def test_a_token_is_not_sent_in_the_clear(forge: Forge, settings: Settings) -> None:
    settings.GITHUB_API_URL = settings.GITLAB_URL = "http://git.example.com"
    assert "is sent by https:// alone" in between(forge, forge.id(0), forge.id(1)).problem
    assert forge.asked == []
