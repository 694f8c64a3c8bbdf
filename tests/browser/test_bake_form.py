"""Baking by keyboard alone: filled in, shown, started, and followed on its page."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from apps.images import services as images
from apps.images.models import Bake
from tests.browser.conftest import Visit
from tests.deployments.lite import service
from tests.world import Service

__all__ = ["service"]

pytestmark = pytest.mark.django_db(transaction=True)

RECIPE = {
    "environment": "prod",
    "base": "debian-12",
    "provisioner": "wheel",
    "repository": "https://packages.example.com/simple",
}


def test_an_image_is_asked_for_by_keyboard_and_nothing_starts_that_was_not_shown(
    visitor: Visit, service: Service
) -> None:
    region = service.place.region
    images.approve_base("prod", region, "debian-12", service.images["1.0.0"], "12.1", actor="ada")
    images.set_recipe("api", {**RECIPE, "region": region}, actor="ada")
    with visitor() as person:
        page = person.open("/applications/api/")
        page.get_by_role("link", name="Bake…").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Bake an image")).to_be_visible()
        button = page.locator("#bake-button")
        expect(button).to_have_text("Preview")
        page.locator("[name=application]").focus()
        page.keyboard.press("Tab")
        expect(page.locator("[name=version]")).to_be_focused()
        page.keyboard.type("the newest")
        expect(page.locator("#id_version_errors")).to_contain_text("no exact version", timeout=15_000)
        page.locator("[name=version]").press("Control+a")
        page.keyboard.type("4.3.0")
        expect(button).to_have_text("Bake 4.3.0", timeout=15_000)
        expect(page.locator("#preview")).to_contain_text(f"upon debian-12 12.1 (x86_64) in prod {region}.")
        assert person.barriers() == []
        page.locator("[name=reason]").focus()
        page.keyboard.type("fix login")
        button.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Bake of api 4.3.0")).to_be_visible()
        row = Bake.objects.get()
        assert (row.reason, row.version) == ("fix login", "4.3.0")
        expect(page.locator("#bake-head")).to_contain_text("Waiting for a worker to begin.")
        page.get_by_role("link", name="Cancel…").focus()
        page.keyboard.press("Enter")
        page.get_by_role("button", name=f"Cancel bake {row.pk}").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#bake-head .sentence")).to_contain_text("ancelled")
        assert [text for text in person.complaints if "422" not in text] == []
