"""A push and its rollback in the browser, on a real service of the embedded cloud, with nothing but the keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from apps.deployments.models import Deployment
from apps.inventory.models import Environment
from apps.inventory.services import read_one_by_one, refresh_cluster, sync_region
from tests.browser.conftest import Visit
from tests.deployments.conftest import Drive, aws, cloud, drive, service
from tests.world import Service

__all__ = ["aws", "cloud", "drive", "service"]

pytestmark = pytest.mark.django_db(transaction=True)

MOST_TABS = 60


def tab_to(page: Page, script: str) -> None:
    """Presses Tab until the script, given the focused element as `e`, is true."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate(f"(() => {{ const e = document.activeElement; return {script}; }})()"):
            return
    raise AssertionError(f"Tab never came to {script}")


def test_a_push_and_a_rollback_need_no_mouse(visitor: Visit, service: Service, drive: Drive) -> None:
    environment = Environment.objects.get()
    sync_region(environment, service.place.region)
    read_one_by_one(environment, service.place.region)
    cluster = f"/clusters/prod/{service.place.region}/{service.cluster}/"
    with visitor() as person:
        page = person.open(cluster)
        expect(page.locator("#cluster-head .sentence")).to_contain_text(
            "v000 (1.0.0) serves all traffic, 2 of 2 healthy."
        )
        tab_to(page, "e.textContent.startsWith('Push')")
        page.keyboard.press("Enter")

        expect(page.get_by_role("heading", name="Push to api-prod")).to_be_visible()
        tab_to(page, "e.name === 'image'")
        page.keyboard.type("1.1.0")
        page.keyboard.press("Tab")
        button = page.get_by_role("button", name="Push 1.1.0 to api-prod, 2 → 3 instances")
        expect(button).to_be_visible(timeout=15_000)
        assert person.barriers() == []
        tab_to(page, "e.name === 'reason'")
        page.keyboard.type("fix login")
        tab_to(page, "e.id === 'push-button'")
        page.keyboard.press("Enter")

        expect(page.get_by_role("heading", name="Push of 1.1.0 to api-prod")).to_be_visible(timeout=15_000)
        pushed = Deployment.objects.get()
        assert pushed.reason == "fix login"
        assert drive(pushed).run.state == "succeeded"
        headline = page.locator("#deployment-head .sentence")
        expect(headline).to_contain_text("api-prod-v001 (1.1.0) serves all traffic")
        assert person.barriers() == []

        refresh_cluster(environment, service.place.region, service.cluster)
        person.open(cluster)
        expect(page.locator("#cluster-head .sentence")).to_contain_text("v001 (1.1.0) serves all traffic")
        tab_to(page, "e.textContent === 'Roll back to v000'")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Roll back to v000")).to_be_visible()
        tab_to(page, "e.tagName === 'BUTTON' && e.textContent === 'Roll back to v000'")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Rollback to v000")).to_be_visible(timeout=15_000)
        assert drive(Deployment.objects.latest("pk")).run.state == "succeeded"
        expect(headline).to_contain_text("api-prod-v000 (1.0.0) serves all traffic")
        assert person.complaints == []
