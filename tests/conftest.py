"""What tests of every folder may ask for."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import pytest
from django.db.backends.postgresql.operations import DatabaseOperations
from playwright.sync_api import Browser, sync_playwright

from tests import emptying
from tests.browser.chromium import launch
from tests.demo.running import Demo, running


def pytest_configure() -> None:
    DatabaseOperations.sql_flush = emptying.sql_flush


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the run: Playwright can be started only once in a process."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One running demo for all tests that need one, its own traffic turned low: the tests' clients are measured.

    tests/demo/test_stopping.py kills it, after all others.
    """
    with running(tmp_path_factory.mktemp("demo"), "--rate", "2") as started:
        yield started.await_ready()


# Tests that have a whole product, or a browser, to themselves run one after another in this order, beside all others.
WHOLE = ("demo", "acceptance", "test_stopping", "browser")
LONG = ("faults", "services", "deployments")


@pytest.hookimpl(wrapper=True)  # before the plug-in that looks for the groups, and after the one that sorts by database
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None]:
    """Says which tests stay together when two processes share the work: those of a file, as its fixtures are costly.

    The longest come first, so that no process has much left to do when the other one is done.
    """
    for item in items:
        item.add_marker(pytest.mark.xdist_group("whole" if _whole(item) in WHOLE else str(item.path)))
    result = yield
    items.sort(key=lambda item: (_whole(item) not in WHOLE, _place(item), item.path.parent.name not in LONG))
    return result


def _whole(item: pytest.Item) -> str:
    """What of WHOLE a test belongs to, or the name of its folder."""
    return item.path.stem if item.path.stem in WHOLE else item.path.parent.name


def _place(item: pytest.Item) -> int:
    return WHOLE.index(_whole(item)) if _whole(item) in WHOLE else 0
