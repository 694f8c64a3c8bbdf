"""What tests of every folder may ask for."""

from __future__ import annotations

from collections.abc import Generator, Iterator

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
LONG = ("faults", "services", "deployments")


@pytest.hookimpl(wrapper=True)  # a wrapper comes before the plug-in that looks for the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None]:
    """Says which tests stay together when two processes share the work: those of a file, as its fixtures are costly.

    The longest come first, so that no process has much left to do when the other one is done.
    """
    for item in items:
        item.add_marker(pytest.mark.xdist_group("whole" if _whole(item) else str(item.path)))
    items.sort(key=lambda item: (not _whole(item), item.path.parent.name not in LONG))
    return (yield)


def _whole(item: pytest.Item) -> bool:
    return item.path.parent.name in WHOLE
