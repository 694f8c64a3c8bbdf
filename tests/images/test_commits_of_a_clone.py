"""The commits between two images, from a real clone on this machine, with the tickets that they name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.core.cache import cache
from pytest_django.fixtures import Settings

from apps.images.commits import Commits, Ticket, base, commits_between, wrong_git
from apps.images.commits.sources import local
from apps.images.models import Recipe
from tests.images.baked import forgetful
from tests.images.git import commit, git, repository

__all__ = ["forgetful"]

JIRA = "https://jira.example.com/browse/{ticket}"


@pytest.fixture
def clone(tmp_path: Path, settings: Settings) -> Path:
    """A repository in the folder of clones."""
    settings.GIT_CLONES = str(tmp_path)
    return repository(tmp_path / "api")


def between(before: str, after: str, git: str = "api", pattern: str = "[A-Z]+-[0-9]+", url: str = JIRA) -> Commits:
    return commits_between(Recipe(git=git, ticket_pattern=pattern, ticket_url=url), before, after)


def test_fifty_commits_are_told_newest_first_with_their_tickets_linked(clone: Path) -> None:
    first = commit(clone, "begin")
    ids = [
        commit(clone, f"SHOP-{number // 2}: change {number}\n\nsee PAY-7\nand ümläuts", at=number)
        for number in range(50)
    ]
    found = between(first, ids[-1])
    assert found.problem == ""
    assert [each.id for each in found.added] == ids[::-1]
    assert (found.added_total, found.removed, found.removed_total) == (50, (), 0)
    newest = found.added[0]
    assert (newest.title, newest.author, newest.tickets) == ("SHOP-24: change 49", "Maria", ("SHOP-24", "PAY-7"))
    assert newest.at.startswith("2026-09-21T")
    assert newest.url == ""
    assert found.tickets[0] == Ticket("PAY-7", JIRA.replace("{ticket}", "PAY-7"), 50)
    assert {ticket.commits for ticket in found.tickets[1:]} == {2}
    assert len(found.tickets) == 26

    back = between(ids[-1][:10], first[:7])
    assert (back.added, back.removed_total) == ((), 50)
    assert [each.id for each in back.removed] == ids[::-1]


def test_of_two_branches_each_ones_commits_are_told(clone: Path) -> None:
    commit(clone, "begin")
    git(clone, "switch", "--quiet", "--create", "fix")
    fixed = commit(clone, "a fix", at=1)
    git(clone, "switch", "--quiet", "main")
    main = commit(clone, "a feature", at=2)
    found = between(fixed, main)
    assert ([each.title for each in found.added], [each.title for each in found.removed]) == (["a feature"], ["a fix"])
    assert between(main, main) == Commits()


def test_what_was_told_once_is_not_asked_again(clone: Path) -> None:
    first = commit(clone, "begin")
    last = commit(clone, "SHOP-1 end")
    assert between(first, last).added_total == 1
    (clone / ".git" / "objects").rename(clone / ".git" / "away")
    assert between(first, last).added_total == 1
    assert between(first, last, pattern="end").tickets == (Ticket("end", JIRA.replace("{ticket}", "end"), 1),)
    cache.clear()
    assert "git cannot read the clone api" in between(first, last).problem


@pytest.mark.parametrize(
    "text", ["--output=/tmp/x", "-n1", "main", "HEAD~1", "a" * 6, "g" * 40, "", "abcdef1\n", "../x"]
)
def test_what_is_no_commit_id_never_reaches_git(clone: Path, text: str) -> None:
    first = commit(clone, "begin")
    found = between(text, first)
    assert found.problem.startswith("Which commits lie between them is not known")
    assert found.added == ()


def test_a_folder_that_looks_like_an_option_is_a_folder(clone: Path) -> None:
    odd = repository(clone.parent / "--upload-pack=x")
    first, last = commit(odd, "begin"), commit(odd, "end")
    assert between(first, last, git="--upload-pack=x").added_total == 1


def signed(clone: Path, parent: str) -> str:
    """A commit with a signature that nobody made; its id."""
    who = "Maria <maria@example.com> 1790000000 +0000"
    mark = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQEz\n -----END PGP SIGNATURE-----"
    tree = git(clone, "rev-parse", f"{parent}^{{tree}}")
    lines = [f"tree {tree}", f"parent {parent}", f"author {who}", f"committer {who}", mark, "", "signed", ""]
    return git(clone, "hash-object", "-t", "commit", "-w", "--stdin", given="\n".join(lines))


def test_a_clone_of_another_user_is_read_and_what_its_configuration_names_is_not_run(clone: Path) -> None:
    first = commit(clone, "begin")
    last = signed(clone, first)
    ran, program = clone / "ran", clone / "program"
    program.write_text(f"#!/bin/sh\ntouch {ran}\n")
    program.chmod(0o755)
    for name, value in (("gpg.program", str(program)), ("log.showSignature", "true"), ("core.pager", str(program))):
        git(clone, "config", name, value)
    git(clone, "log", "-1", last)
    assert ran.exists()  # it would be run
    ran.unlink()
    if os.geteuid() == 0:
        os.chown(clone, 12345, 12345)
        os.chown(clone / ".git", 12345, 12345)
    assert between(first, last).added_total == 1
    assert not ran.exists()


def test_a_commit_that_is_not_there_is_named(clone: Path) -> None:
    first = commit(clone, "begin")
    missing = "0123456789abcdef"
    found = between(first, missing)
    assert found.problem == f"The clone api does not know the commit {missing}: was it fetched since?"


def test_only_clones_in_the_named_folder_are_read(clone: Path, tmp_path: Path, settings: Settings) -> None:
    first, last = commit(clone, "begin"), commit(clone, "end")
    assert between(first, last, git=str(clone)).added_total == 1
    (clone / "within").mkdir()
    for elsewhere in ("..", "/", "nobody", ".", str(tmp_path.parent), "api/../.."):
        assert "There is no clone" in between(first, last, git=elsewhere).problem, elsewhere
    assert "not a git repository" in between(first, last, git="api/within").problem
    (tmp_path / "link").symlink_to(tmp_path.parent)
    assert "There is no clone" in between(first, last, git="link").problem
    settings.GIT_CLONES = ""
    assert "GIT_CLONES names no folder" in between(first, last, git=str(clone)).problem


def test_more_than_is_listed_is_counted(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = commit(clone, "begin")
    for number in range(5):
        last = commit(clone, f"change {number}", at=number)
    monkeypatch.setattr(local, "MOST", 3)
    found = between(first, last)
    assert ([each.title for each in found.added], found.added_total) == (["change 4", "change 3", "change 2"], 5)


def test_too_much_and_too_slow_are_sentences(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = commit(clone, "begin")
    last = commit(clone, "long " * 1000)
    monkeypatch.setattr(local, "LARGEST", 2000)
    assert "git printed more than" in between(first, last).problem
    cache.clear()
    monkeypatch.setattr(local, "LONGEST", 0.0)
    assert "git took longer than" in between(first, last).problem


def test_nothing_is_asked_without_a_repository() -> None:
    assert "no recipe of this application names its repository" in commits_between(None, "a" * 40, "b" * 40).problem
    assert "no recipe of this application names its repository" in between("a" * 40, "b" * 40, git="").problem
    assert "is no repository that is understood here" in between("a" * 40, "b" * 40, git="svn://x/y").problem
    assert "not told of both" in between("", "").problem


@pytest.mark.parametrize(
    ("git", "key"),
    [
        ("github:shop/api", "https://api.github.com shop/api"),
        ("https://github.com/shop/api.git", "https://api.github.com shop/api"),
        ("git@github.com:shop/api.git", "https://api.github.com shop/api"),
        ("ssh://git@gitlab.com:2222/shop/web/api", "https://gitlab.com shop/web/api"),
        ("https://gitlab.com/shop/web/api/", "https://gitlab.com shop/web/api"),
        ("gitlab:shop/api", "https://gitlab.com shop/api"),
    ],
)
def test_a_project_is_understood_as_people_write_it(git: str, key: str) -> None:
    assert base.opened(git).key == key


def test_a_repository_that_cannot_be_is_refused_when_a_recipe_is_saved(clone: Path) -> None:
    assert wrong_git("") == wrong_git("api") == wrong_git("github:shop/api") == ""
    assert wrong_git("github:nobody") == "github:nobody names no repository of GitHub: write github:owner/name."
    for told in ("https://me:secret@github.com/shop/api", "https://secret@gitlab.com/shop/api"):
        assert wrong_git(told).startswith("Leave user name and token out")
        assert "secret" not in wrong_git(told)
    for odd in ("https://example.com/shop/api", "github:../x/y", "gitlab:x", "github:a/b/c", "nobody", "ext::sh -c x"):
        assert wrong_git(odd), odd
