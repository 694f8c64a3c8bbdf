"""The API's documentation in a browser, under the content security policy of all pages."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from apps.accounts.models import Role
from tests.browser.conftest import Visit

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_shows_every_operation_and_tries_one_out(visitor: Visit) -> None:
    with visitor(Role.VIEWER) as visitor:
        page = visitor.open("/api/v1/docs/")
        operation = page.locator("#operations-accounts-me")
        expect(operation).to_be_visible(timeout=20_000)
        expect(page.locator(".opblock")).not_to_have_count(0)
        operation.locator(".opblock-summary-control").click()
        operation.get_by_role("button", name="Try it out").click()
        operation.get_by_role("button", name="Execute").click()
        expect(operation.locator(".live-responses-table")).to_contain_text('"role": "viewer"', timeout=20_000)
        assert visitor.complaints == []
        page.get_by_role("link", name="deployconsole", exact=True).click()
        expect(page.get_by_role("heading", name="Now", exact=True)).to_be_visible()
