"""Times in the reader's zone, copying, the menu of a page's head, and why a button cannot be pressed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from apps.accounts.models import Role
from apps.deployments.models import Deployment, KeptGroup
from apps.inventory.models import Instance
from tests.browser.conftest import Visit
from tests.console import world

pytestmark = pytest.mark.django_db(transaction=True)

EVENING = datetime(2025, 3, 5, 20, 30, tzinfo=UTC)
IN_TOKYO = "6 Mar 2025, 05:30:00 GMT+9"
GROUP = f"/groups/prod/{world.REGION}/api-prod-v013/"


def test_times_are_told_in_the_reader_s_zone_also_by_live_updates(visitor: Visit) -> None:
    settled = world.settled()
    KeptGroup.objects.update(until=EVENING)
    Deployment.objects.update(created_at=EVENING)
    with visitor(timezone_id="Asia/Tokyo", locale="en-GB") as person:
        page = person.open(settled.page)
        sentence, changed = page.locator("#cluster-head .sentence"), page.locator("#cluster-head .small time")
        expect(sentence).to_contain_text("v012 is kept for rollback until 6 Mar 05:30.")
        Instance.objects.filter(group__name="api-prod-v013").latest("pk").delete()
        expect(sentence).to_contain_text("5 of 6 healthy. v012 is kept for rollback until 6 Mar 05:30.")
        expect(changed).to_have_attribute("title", IN_TOKYO)
        expect(page.locator("#zone")).to_have_text("All times are of your zone, Asia/Tokyo, unless they name another.")

        button = page.get_by_role("button", name="Exact times")
        button.focus()
        page.keyboard.press("Enter")
        expect(changed).to_have_text("6 Mar 05:30:00")
        expect(button).to_have_attribute("aria-pressed", "true")
        page = person.open(f"/deployments/{Deployment.objects.latest('pk').pk}/")  # what was chosen stays
        expect(page.locator("#deployment-head time")).to_have_text("6 Mar 05:30:00")
        expect(page.locator("#facts time").first).to_have_text(IN_TOKYO)
        assert person.complaints == []


def test_without_a_clipboard_an_id_is_copied_all_the_same_and_that_is_said(visitor: Visit) -> None:
    world.settled()
    with visitor() as person:
        person.page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
        page = person.open(GROUP)
        button = page.get_by_role("button", name="Copy api-prod-v013", exact=True).first
        button.focus()
        page.keyboard.press("Enter")
        expect(page.locator("#said")).to_have_text("Copied api-prod-v013")
        expect(button).to_be_focused()
        page.locator("#search").focus()
        page.keyboard.press("Control+V")
        expect(page.locator("#search")).to_have_value("api-prod-v013")
        assert person.complaints == []


def test_the_menu_of_a_head_fits_a_phone_and_needs_no_mouse(visitor: Visit) -> None:
    world.settled()
    with visitor(width=360) as person:
        page = person.open(GROUP)
        summary, body = page.locator("#further summary"), page.locator("#further .menu__body")
        summary.focus()
        page.keyboard.press("Enter")
        expect(body).to_be_visible()
        box = body.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
        assert person.sideways() == 0
        page.keyboard.press("Tab")
        expect(body.get_by_role("link").first).to_be_focused()
        page.keyboard.press("Escape")
        expect(body).to_be_hidden()
        expect(summary).to_be_focused()
        page.keyboard.press("Enter")
        body.get_by_role("link").last.focus()
        page.keyboard.press("Tab")  # and out of it
        expect(body).to_be_hidden()


def test_why_nothing_can_be_pressed_is_read_on_a_phone_once(visitor: Visit) -> None:
    world.settled()
    with visitor(Role.VIEWER, width=360) as person:
        page = person.open(GROUP)
        why = page.get_by_text("This needs the role operator; you are signed in as a viewer.")
        expect(why).to_have_count(1)
        expect(why).to_be_visible()
        expect(page.locator("#further summary")).to_be_visible()
        described = page.locator(".head__actions > button").first.get_attribute("aria-describedby")
        assert described == why.get_attribute("id")
