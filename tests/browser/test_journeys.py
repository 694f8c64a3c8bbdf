"""What people come for, in the browser: each journey begins on the first page and ends where its end is seen.

Nothing on the way is opened by its address; axe looks at each stop. The service is one of the embedded cloud.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from apps.deployments import services
from apps.deployments.models import Deployment
from apps.inventory.models import Environment
from apps.inventory.services import read_one_by_one, refresh_cluster, sync_region
from tests.browser.chromium import Visitor
from tests.browser.conftest import Visit
from tests.console import world
from tests.deployments.lite import carry_on, service, until_waiting
from tests.deployments.test_push import request
from tests.world import Service, wait_for

__all__ = ["service"]

pytestmark = pytest.mark.django_db(transaction=True)

MOST_KEYS = 60
SOON = 15_000  # milliseconds: what a preview may take to be read from the cloud


def reach(page: Page, key: str, script: str) -> None:
    """Presses a key until the script, given the focused element as `e`, is true."""
    for _ in range(MOST_KEYS):
        page.keyboard.press(key)
        if page.evaluate(f"(() => {{ const e = document.activeElement; return {script}; }})()"):
            return
    raise AssertionError(f"{key} never came to {script}")


def choose(page: Page, name: str) -> None:
    """Follows the link of that name; where it is behind a menu, opens that first."""
    link = page.get_by_role("link", name=name, include_hidden=True)
    menu = page.locator("main details").filter(has=link)
    if menu.count():
        menu.first.locator("summary").click()
    page.locator("main").get_by_role("link", name=name).first.click()


def stop(person: Visitor, heading: str | re.Pattern[str]) -> None:
    """One is at the page of that heading, which has no barrier."""
    expect(person.page.get_by_role("heading", level=1, name=heading)).to_be_visible(timeout=SOON)
    assert person.barriers() == []


def ended(operation: str = "") -> None:
    """The newest deployment is carried to its end, which is a good one; it is of that operation."""
    deployment = Deployment.objects.latest("pk")
    assert carry_on(deployment).state == "succeeded", deployment.run.failure
    assert deployment.operation == operation


def test_a_cluster_is_found_pushed_to_watched_and_rolled_back_without_a_mouse(visitor: Visit, service: Service) -> None:
    sync_region(Environment.objects.get(), service.place.region)
    read_one_by_one(Environment.objects.get(), service.place.region)
    with visitor() as person:
        page = person.open("/")
        page.keyboard.press("/")
        page.keyboard.type("api-pr")
        expect(page.get_by_role("search", name="Everything").get_by_role("link").first).to_be_visible()
        reach(page, "ArrowDown", "e.pathname?.startsWith('/clusters/')")
        page.keyboard.press("Enter")

        stop(person, "api-prod")
        expect(page.locator("#cluster-head")).to_contain_text("v000 (1.0.0) serves all traffic, 2 of 2 healthy.")
        reach(page, "Tab", "e.textContent.startsWith('Push')")
        page.keyboard.press("Enter")

        expect(page.get_by_role("heading", name="Push to api-prod")).to_be_visible()
        reach(page, "Tab", "e.name === 'image'")
        page.keyboard.type("1.1.0")
        page.keyboard.press("Tab")
        button = page.get_by_role("button", name="Push 1.1.0 to api-prod, 2 → 3 instances")
        expect(button).to_be_visible(timeout=SOON)
        stop(person, "Push to api-prod")
        reach(page, "Tab", "e.name === 'reason'")
        page.keyboard.type("fix login")
        reach(page, "Tab", "e.id === 'push-button'")
        page.keyboard.press("Enter")

        stop(person, "Push of 1.1.0 to api-prod")
        page.evaluate("window.marker = 'same page'")
        headline = page.locator("#deployment-head")
        pushed = Deployment.objects.get()
        assert pushed.reason == "fix login"
        until_waiting(pushed, service)
        expect(headline).to_contain_text(re.compile(r"Step \d of \d"))
        stop(person, "Push of 1.1.0 to api-prod")
        ended()
        expect(headline).to_contain_text("api-prod-v001 (1.1.0) serves all traffic")
        reach(page, "Tab", "e.textContent === 'Roll back to v000'")
        assert page.evaluate("window.marker") == "same page"
        page.keyboard.press("Enter")

        stop(person, "Roll back to v000")
        reach(page, "Tab", "e.tagName === 'BUTTON' && e.textContent === 'Roll back to v000'")
        page.keyboard.press("Enter")
        stop(person, "Rollback to v000")
        ended()
        expect(headline).to_contain_text("api-prod-v000 (1.0.0) serves all traffic")

        reach(page, "Tab", "e.textContent === 'api-prod'")
        page.keyboard.press("Enter")
        stop(person, "api-prod")
        reach(page, "Tab", "e.textContent === 'Read it from AWS again'")
        page.keyboard.press("Enter")
        expect(page.locator("#cluster-head")).to_contain_text("v000 (1.0.0) serves all traffic")
        assert person.complaints == []


def test_a_setting_of_a_group_is_changed_as_previewed_and_seen_on_its_page(visitor: Visit, service: Service) -> None:
    with visitor() as person:
        page = to_the_group(person)
        stop(person, service.group)
        choose(page, "Edit settings…")

        stop(person, re.compile("Edit settings"))
        page.get_by_label("Default cooldown").fill("120")
        page.get_by_label("Reason").fill("the disk is slow")
        page.get_by_role("button", name="Preview").click()
        change = re.compile("DefaultCooldown 300 → 120")
        expect(page.get_by_role("button", name=change)).to_be_visible(timeout=SOON)
        stop(person, re.compile("Edit settings"))
        page.get_by_role("button", name=change).click()

        stop(person, "Edit settings: v000")
        ended("settings")
        assert service.groups()[service.group]["DefaultCooldown"] == 120
        back_to_the_group(page)
        page.get_by_text(re.compile("Further settings")).click()
        expect(page.locator("main")).to_contain_text(re.compile(r"DefaultCooldown\s*120"))
        expect(page.get_by_text(re.compile("operator")).filter(has_text="120")).not_to_have_count(0)
        stop(person, service.group)
        assert person.complaints == []


def test_who_changed_what_last_night_and_why_is_two_clicks_away(visitor: Visit) -> None:
    world.settled()
    with visitor() as person:
        page = person.open("/")
        page.get_by_role("link", name="What changed").first.click()
        stop(person, re.compile("What changed"))
        main = page.locator("main")
        for told in ("maria", "fix login", "api-prod"):
            expect(main).to_contain_text(told)
        main.get_by_role("link", name="Push of 4.2.0").first.click()

        stop(person, "Push of 4.2.0 to api-prod")
        expect(page.locator("#deployment-head")).to_contain_text("By maria")
        expect(page.locator("#deployment-head")).to_contain_text("fix login")
        expect(page.get_by_role("link", name="Roll back to v012")).to_be_visible()
        assert person.complaints == []


def test_a_sick_instance_is_found_by_its_square_and_replaced(visitor: Visit, service: Service) -> None:
    sick = sicken(service)
    with visitor() as person:
        page = person.open("/")
        page.get_by_role("link", name="api-prod", exact=True).first.click()
        stop(person, "api-prod")
        square = page.get_by_label(re.compile(f"^{sick},"))
        expect(square).to_have_accessible_name(re.compile("unhealthy"))
        square.focus()
        expect(square.locator(".tip")).to_be_visible()
        square.press("Enter")

        stop(person, re.compile(sick))
        expect(page.locator("#instance-head")).to_contain_text(f"{sick} is unhealthy")
        choose(page, "Terminate…")

        stop(person, re.compile("Terminate an instance"))
        page.get_by_role("button", name="Preview").click()
        page.get_by_label(re.compile(f"Type {service.group}")).fill(service.group)
        stop(person, re.compile("Terminate an instance"))
        page.get_by_role("button", name=re.compile(f"Terminate {sick}")).click()

        stop(person, "Terminate an instance: v000")
        ended("terminate-instance")
        back_to_the_group(page)
        expect(page.locator("#group-head")).to_contain_text("2 of 2 healthy")
        expect(page.get_by_role("link", name=sick, exact=True)).to_have_count(0)
        stop(person, service.group)
        assert person.complaints == []


def test_a_rollback_needs_no_javascript(visitor: Visit, service: Service) -> None:
    services.push(request(service, "1.1.0"), actor="ann")
    ended()
    refresh_cluster(Environment.objects.get(), service.place.region, service.cluster)
    with visitor(java_script_enabled=False) as person:
        page = person.open("/")
        page.get_by_role("link", name="api-prod", exact=True).first.click()
        page.get_by_role("link", name="Roll back to v000").click()
        page.get_by_role("button", name="Roll back to v000").click()
        expect(page.get_by_role("heading", name="Rollback to v000")).to_be_visible()
        head, serves = page.locator("#deployment-head"), "api-prod-v000 (1.0.0) serves all traffic"
        expect(head).not_to_contain_text(serves)
        ended()
        page.reload()
        expect(head).to_contain_text(serves)


def to_the_group(person: Visitor) -> Page:
    """From the first page to the group that serves."""
    page = person.open("/")
    page.get_by_role("link", name="api-prod", exact=True).first.click()
    page.get_by_role("link", name="v000", exact=True).first.click()
    return page


def back_to_the_group(page: Page) -> None:
    """From a deployment to the group it changed, which is read from AWS once more."""
    page.get_by_role("link", name="api-prod", exact=True).first.click()
    page.get_by_role("link", name="v000", exact=True).first.click()
    page.get_by_role("button", name="Read it from AWS again").click()


def sicken(service: Service) -> str:
    """One of the group's instances fails its health checks, which Auto Scaling does not mind; its id."""
    service.place.client("autoscaling").update_auto_scaling_group(
        AutoScalingGroupName=service.group, HealthCheckType="EC2"
    )
    sick = str(service.groups()[service.group]["Instances"][0]["InstanceId"])
    service.place.client("ec2").create_tags(Resources=[sick], Tags=[{"Key": "fault", "Value": "never_healthy"}])
    wait_for(lambda: "unhealthy" in service.target_states(), f"{sick} to fail")
    refresh_cluster(Environment.objects.get(), service.place.region, service.cluster)
    return sick
