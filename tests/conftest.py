"""What tests of every folder may ask for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import launch


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the run: Playwright can be started only once in a process."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


# Tests that have a whole product, or a browser, to themselves run one after another, beside all others.
WHOLE = ("acceptance", "browser", "demo")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Says which tests stay together when two processes share the work: those of a file, as its fixtures are costly."""
    for item in items:
        folder = item.path.parent.name
        item.add_marker(pytest.mark.xdist_group("whole" if folder in WHOLE else str(item.path)))
