"""Live parts: they follow what happens, and never take focus, scroll or an opened detail away."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from apps.deployments.models import Deployment, KeptGroup
from apps.inventory.models import Group, Instance
from apps.workflows.models import Run, Step
from apps.workflows.states import RunState, StepState
from tests.browser.conftest import Visit
from tests.console import world

pytestmark = pytest.mark.django_db(transaction=True)


def finish(deployment: Deployment) -> None:
    now = timezone.now()
    Step.objects.filter(run=deployment.run).update(
        state=StepState.DONE, says="done", started_at=now - timedelta(seconds=5), ended_at=now
    )
    Run.objects.filter(pk=deployment.run_id).update(state=RunState.SUCCEEDED, ended_at=now, says="")


def test_a_deployment_is_followed_to_its_end_without_reloading_and_polling_stops(visitor: Visit) -> None:
    moving = world.moving()
    deployment = Deployment.objects.get()
    with visitor() as person:
        person.page.clock.install()
        page = person.open(f"/deployments/{deployment.pk}/")
        page.evaluate("window.marker = 'same page'")
        sentence = page.locator("#deployment-head .sentence")
        expect(sentence).to_contain_text("Step 3 of 5: Waiting for 2 of 7 instances")
        Run.objects.filter(pk=deployment.run_id).update(says="Waiting for 1 of 7 instances")
        expect(sentence).to_contain_text("Waiting for 1 of 7 instances")
        finish(deployment)
        expect(sentence).to_contain_text("serves all traffic")
        assert page.evaluate("window.marker") == "same page"
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.clock.run_for(3500)  # more than two rounds of polling
        page.evaluate("fetch('/healthz/')")  # it would be heard of after those
        assert [url for url in asked if not url.endswith("/healthz/")] == []
        assert asked
        assert person.complaints == []
        assert moving.cluster.name in page.title()


def test_what_is_open_focused_or_scrolled_stays_so_while_the_page_changes(visitor: Visit) -> None:
    world.moving()
    deployment = Deployment.objects.get()
    with visitor(width=360) as person:
        page = person.open(f"/deployments/{deployment.pk}/")
        page.locator("#tries-2 summary").click()
        page.locator("#calls summary").focus()
        page.evaluate("window.scrollTo(0, 180)")
        Run.objects.filter(pk=deployment.run_id).update(says="Waiting for 1 of 7 instances")
        expect(page.locator("#deployment-head .sentence")).to_contain_text("1 of 7")
        assert page.locator("#tries-2").get_attribute("open") is not None
        assert page.evaluate("document.activeElement.parentElement.id") == "calls"
        assert page.evaluate("window.scrollY") == 180


def test_an_instance_keeps_its_place_and_focus_when_its_health_changes(visitor: Visit) -> None:
    settled = world.settled()
    instance = Instance.objects.filter(group__name="api-prod-v013").earliest("instance_id")
    with visitor() as person:
        page = person.open(settled.page)
        square = page.locator(f"#square-{instance.instance_id}")
        square.focus()
        expect(square.locator(".tip")).to_be_visible()
        Instance.objects.filter(pk=instance.pk).update(target_health={settled.target_group.arn: world.FAILING})
        expect(square).to_have_class(re.compile("square--unhealthy"))
        expect(square.locator(".tip")).to_contain_text("answers 503 on /health")
        assert page.evaluate("document.activeElement.id") == f"square-{instance.instance_id}"
        expect(page.locator("#cluster-head .sentence")).to_contain_text("5 of 6 healthy")
        assert person.complaints == []


def test_a_new_group_appears_beside_the_others(visitor: Visit) -> None:
    settled = world.settled()
    with visitor() as person:
        page = person.open(settled.page)
        expect(page.locator(".group")).to_have_count(2)
        settled.group(14, settled.image("4.3.0"), healthy=1, attached=False, age=0.001)
        expect(page.locator(".group")).to_have_count(3)
        expect(page.locator(".group").last).to_contain_text("4.3.0")


def test_a_console_that_does_not_answer_is_said_and_forgiven(visitor: Visit) -> None:
    settled = world.settled()
    with visitor() as person:
        page = person.open(settled.page)
        page.route("**/live/", lambda route: route.abort())
        expect(page.locator("#connection")).to_be_visible()
        page.unroute("**/live/")
        expect(page.locator("#connection")).to_be_hidden()
        expect(page.get_by_text("v013 (4.2.0) serves all traffic")).to_be_visible()


def test_an_ended_session_leads_to_the_sign_in_page(visitor: Visit) -> None:
    settled = world.settled()
    with visitor() as person:
        page = person.open(settled.page)
        page.context.clear_cookies()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        expect(page.locator(".header__nav")).to_have_count(0)


def test_focus_on_cancel_does_not_become_focus_on_rolling_back(visitor: Visit) -> None:
    world.moving()
    deployment = Deployment.objects.get()
    with visitor() as person:
        page = person.open(f"/deployments/{deployment.pk}/")
        page.get_by_role("link", name="Cancel…").focus()
        group = Group.objects.get(name=deployment.from_group)
        finish(deployment)
        KeptGroup.objects.create(
            cluster=deployment.cluster, name=group.name, arn=group.arn, deployment=deployment, until=None
        )
        expect(page.get_by_role("link", name="Roll back to v012")).to_be_visible()
        assert "Roll back" not in page.evaluate("document.activeElement.textContent.trim().slice(0, 9)")


def test_on_a_phone_what_runs_is_whole_and_groups_stand_below_it(visitor: Visit) -> None:
    moving = world.moving()
    with visitor(width=360) as person:
        page = person.open(moving.page)
        card, newest = page.locator(".between").bounding_box(), page.locator("#group-api-prod-v013").bounding_box()
        oldest = page.locator("#group-api-prod-v012").bounding_box()
        assert card
        assert newest
        assert oldest
        assert card["x"] >= 0
        assert card["x"] + card["width"] <= 360
        assert card["y"] < newest["y"] < oldest["y"]
        assert newest["width"] == oldest["width"] == card["width"]
