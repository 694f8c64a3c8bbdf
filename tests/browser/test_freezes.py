"""A freeze from its making to the push that overrides it, in the browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from apps.deployments.models import Deployment, Freeze
from tests.browser.conftest import Visit
from tests.deployments.lite import service
from tests.world import Service

__all__ = ["service"]

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_freeze_is_made_met_on_the_push_form_and_overridden(visitor: Visit, service: Service) -> None:
    with visitor() as person:
        page = person.open("/freezes/new/")
        page.get_by_label("Environment").select_option("prod")
        page.get_by_label("Until").fill("2030-12-27T08:00")
        page.get_by_label("Time zone").select_option("Europe/Berlin")
        page.get_by_label("Reason").fill("Christmas")
        page.get_by_role("button", name="Make the freeze").click()
        expect(page.get_by_role("link", name="End it… prod")).to_be_visible()
        assert Freeze.objects.get().reason == "Christmas"

        cluster = f"/clusters/prod/{service.place.region}/{service.cluster}/"
        person.open(cluster)
        expect(page.locator("#frozen")).to_contain_text("Prod is frozen until 27 Dec 2030 08:00 Europe/Berlin")
        page.get_by_role("link", name="Push…").click()
        expect(page.locator(".strategy__options:visible")).to_have_count(1)
        page.locator("#other-image summary").click()
        page.locator("[name=other_image]").fill(service.images["1.1.0"])
        box, button = page.locator("#override-freeze"), page.locator("#push-button")
        expect(button).to_be_disabled(timeout=15_000)
        box.focus()
        page.keyboard.press("Space")
        expect(button).to_have_text("Push 1.1.0 to api-prod, 2 → 3 instances, all the same", timeout=15_000)
        expect(box).to_be_checked()
        assert page.evaluate("document.activeElement.id") == "override-freeze"
        page.get_by_label(f"Type {service.cluster} to confirm").fill(service.cluster)
        button.click()
        expect(page.get_by_text("Say why: what is overridden is recorded with its reason.")).to_be_visible()
        expect(page.locator("[name=reason]")).to_be_focused()
        page.keyboard.type("the login is broken")
        button.click()
        expect(page.get_by_role("heading", name="Push of 1.1.0 to api-prod")).to_be_visible()
        assert Deployment.objects.get().reason == "the login is broken"
        assert [text for text in person.complaints if "422" not in text] == []
