"""Search by keyboard alone, from any page: type, walk, open; and on a phone, where it is a page."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.console import world

pytestmark = pytest.mark.django_db(transaction=True)


def test_slash_finds_what_is_typed_and_enter_opens_the_first(visitor: Visit) -> None:
    world.settled()
    with visitor() as person:
        page = person.open("/deployments/")
        page.keyboard.press("/")
        page.keyboard.type("api-prod-v013")
        expect(page.locator(".search__found a")).to_have_count(1)
        assert person.sideways() == 0
        assert person.barriers() == []
        page.keyboard.press("Enter")
        page.wait_for_url("**/groups/prod/us-east-1/api-prod-v013/")
        assert person.complaints == []


def test_arrows_walk_through_what_is_found_and_escape_goes_back_to_the_field(visitor: Visit) -> None:
    world.settled()
    with visitor() as person:
        page = person.open("/")
        page.keyboard.press("Control+k")
        page.keyboard.type("api")
        links = page.locator(".search__found a")
        expect(links.first).to_be_visible()
        for number in (0, 1):
            page.keyboard.press("ArrowDown")
            expect(links.nth(number)).to_be_focused()
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowUp")
        expect(page.locator("#search")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator(".search__found")).to_be_hidden()
        page.keyboard.press("Enter")  # what is closed is not opened: all that was found is shown
        page.wait_for_url("**/search/?q=api")
        assert person.complaints == []


def test_a_slash_in_a_field_is_a_slash(visitor: Visit) -> None:
    settled = world.settled()
    with visitor() as person:
        page = person.open(f"{settled.page}push/")
        page.get_by_label("Reason").focus()
        page.keyboard.type("a/b")
        expect(page.get_by_label("Reason")).to_have_value("a/b")
        expect(page.locator("#search")).not_to_be_focused()


def test_on_a_phone_search_is_a_page_of_its_own(visitor: Visit) -> None:
    world.settled()
    with visitor(width=360) as person:
        page = person.open("/")
        page.get_by_role("link", name="Search").click()
        page.locator("#search-page").fill("v013")
        page.keyboard.press("Enter")
        page.get_by_role("link", name="api-prod-v013").click()
        page.wait_for_url("**/groups/prod/us-east-1/api-prod-v013/")
