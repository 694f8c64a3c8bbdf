"""A comparison of two images in the browser: commits come after the page, and without JavaScript by a link."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect
from pytest_django.fixtures import Settings

from tests.browser.conftest import Visit
from tests.console import world
from tests.images.baked import baked, recipe
from tests.images.git import commit, repository

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def path(tmp_path: Path, settings: Settings) -> str:
    """Two images with much that differs, and commits with tickets in a real clone."""
    settings.GIT_CLONES = str(tmp_path)
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    built, clone = world.build(), repository(tmp_path / "api")
    ids = [commit(clone, f"SHOP-{number} change {'much ' * 20}", at=number) for number in range(3)]
    before, after = built.image("4.1.9"), built.image("4.2.0")
    built.image(f"4.3.0-{'with-a-long-name-' * 6}")  # among those to choose from
    for image, version, made in ((before, "1.0", ids[0]), (after, "1.1", ids[2])):
        installed = {f"deb:package-with-a-long-name-{number}": f"{version}-1+deb12u1" for number in range(40)}
        baked(image, {**installed, "deb:curl": {"1.0": "8", "1.1": "7"}[version]}, {"/etc/app.conf": made}, commit=made)
    address = {"ticket_pattern": "[A-Z]+-[0-9]+", "ticket_url": "https://jira.example.com/{ticket}"}
    recipe(built.application, built.environment, git="api", **address)
    return f"/images/{after.image_id}/diff/?against={before.image_id}"


def test_commits_come_after_the_page_which_is_free_of_barriers(visitor: Visit, path: str) -> None:
    with visitor(reduced_motion="reduce") as person:
        page = person.open(path)
        expect(page.get_by_role("link", name="SHOP-2")).to_have_attribute("href", "https://jira.example.com/SHOP-2")
        expect(page.get_by_text("2 commits more, with 2 tickets.")).to_be_visible()
        expect(page.get_by_text("downgraded", exact=True)).to_be_visible()
        assert person.barriers_in_every_look() == []
        assert person.complaints == []


def test_without_javascript_they_are_a_link_away(visitor: Visit, path: str) -> None:
    with visitor(java_script_enabled=False) as person:
        page = person.open(path)
        page.get_by_role("link", name="Open them on a page of their own").click()
        expect(page.get_by_text("2 commits more, with 2 tickets.")).to_be_visible()
