"""The push form in the browser: nothing starts that was not shown, and what starts it stays in sight."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from apps.inventory.models import Environment
from apps.inventory.services import sync_region
from tests.browser.conftest import Visit
from tests.deployments.lite import service
from tests.world import Service

__all__ = ["service"]

pytestmark = pytest.mark.django_db(transaction=True)

SHOWN = "Push 1.1.0 to api-prod, 2 → 3 instances"


@pytest.fixture
def path(service: Service) -> str:
    sync_region(Environment.objects.get(), service.place.region)
    return f"/clusters/prod/{service.place.region}/{service.cluster}/push/"


def in_sight(page: Page, selector: str) -> bool:
    """Whether it stands wholly within the window."""
    box, window = page.locator(selector).bounding_box(), page.viewport_size
    return bool(box and window and box["y"] >= 0 and box["y"] + box["height"] <= window["height"])


def test_the_button_asks_for_a_preview_until_the_form_as_it_is_was_shown(
    visitor: Visit, service: Service, path: str
) -> None:
    with visitor() as person:
        page = person.open(path)
        button = page.locator("#push-button")
        expect(button).to_have_text("Preview")
        expect(page.locator(".field__error")).to_have_count(0)
        page.select_option("[name=image]", service.images["1.1.0"])
        expect(button).to_have_text(SHOWN, timeout=15_000)
        assert in_sight(page, "#push-button")
        expect(page.locator("#commits")).to_contain_text("no recipe of this application names its repository")
        expect(button).to_have_text(SHOWN)

        page.locator("#options-red-black summary").click()
        margin = page.locator("[name=red-black-margin_percent]")
        margin.fill("500")
        expect(button).to_have_text("Preview")
        expect(page.get_by_text("500 is too large: at most 100 %.")).to_be_visible()
        expect(margin).to_have_attribute("aria-invalid", "true")
        expect(page.locator("#preview")).to_contain_text("Margin, %: mend what is marked.")
        margin.fill("100")
        expect(button).to_have_text("Push 1.1.0 to api-prod, 2 → 4 instances", timeout=15_000)
        expect(margin).not_to_have_attribute("aria-invalid", "true")
        assert in_sight(page, "#push-button")
        assert person.complaints == []


def test_an_ami_is_chosen_or_typed_and_shown_after_a_pause(visitor: Visit, service: Service, path: str) -> None:
    with visitor() as person:
        page = person.open(path)
        page.select_option("[name=image]", service.images["never_healthy"])
        page.locator("#other-image summary").click()
        typed = page.locator("[name=other_image]")
        typed.press_sequentially(service.images["1.1.0"])
        expect(page.locator("[name=image]")).to_have_value("")
        expect(page.locator("#push-button")).to_have_text(SHOWN, timeout=15_000)
        assert page.evaluate("document.activeElement.name") == "other_image"
        page.select_option("[name=image]", service.images["1.1.0"])
        expect(typed).to_have_value("")
        expect(page.locator("#push-button")).to_have_text(SHOWN, timeout=15_000)


def test_on_a_phone_the_button_comes_after_the_plan(visitor: Visit, service: Service, path: str) -> None:
    with visitor(width=360) as person:
        page = person.open(path)
        page.select_option("[name=image]", service.images["1.1.0"])
        expect(page.locator("#push-button")).to_have_text(SHOWN, timeout=15_000)
        plan, button = page.locator("#preview").bounding_box(), page.locator("#push-button").bounding_box()
        assert plan
        assert button
        assert plan["y"] + plan["height"] <= button["y"]
