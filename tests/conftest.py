"""What tests of every folder may ask for."""

from __future__ import annotations

import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from botocore.client import ClientCreator
from django.core.management.commands import flush
from django.db.backends.postgresql.operations import DatabaseOperations
from playwright.sync_api import Browser, sync_playwright

from tests import client_classes, emptying, sharing
from tests.browser.chromium import launch
from tests.demo.running import Demo, running


def pytest_configure() -> None:
    DatabaseOperations.sql_flush = emptying.sql_flush
    flush.emit_post_migrate_signal = emptying.write_nothing  # type: ignore[attr-defined]
    ClientCreator._create_client_class = client_classes.create_client_class


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the run: Playwright can be started only once in a process."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def demo() -> Iterator[Demo]:
    """One running demo for all tests that need one, its own traffic turned low: the tests' clients are measured.

    tests/demo/test_stopping.py kills it, after all others.
    """
    with tempfile.TemporaryDirectory(prefix="dc-demo-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # the user that PostgreSQL runs as reaches it, so that a next demo can go on
        with running(Path(folder), "--rate", "2") as started:
            yield started.await_ready()


@pytest.hookimpl(wrapper=True)  # after the plug-in that sorts by what a test does to the database
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None]:
    result = yield
    items.sort(key=lambda item: sharing.turn(item.path))
    return result
