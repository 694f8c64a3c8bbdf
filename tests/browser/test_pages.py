"""Every page in a real browser: no barrier that axe knows, no error in the console, nothing wider than a phone."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import resolve
from django.utils import timezone
from playwright.sync_api import expect
from pytest_django.fixtures import Settings

from apps.accounts import services as accounts
from apps.accounts.models import Role, Token, User
from apps.console import urls
from apps.deployments.models import Deployment, Freeze
from apps.images.models import Bake, BaseImage, Build, Keep, Mark, Recipe, Webhook
from apps.images.services import Reported, ReportedGate, report_build
from apps.images.services.webhooks import create_webhook
from apps.inventory.models import Group, Image, Instance
from apps.inventory.services import set_user_data
from apps.workflows.models import Borrowed, Lock, Run
from apps.workflows.states import RunState
from tests.browser.conftest import Visit
from tests.console import baking, promoting, world
from tests.images.baked import baked as baked_rows

pytestmark = pytest.mark.django_db(transaction=True)


def frozen() -> Freeze:
    """Production is frozen, and will be again."""
    now, hour = timezone.now(), timedelta(hours=1)
    values = {"environment": "prod", "zone": "Europe/Berlin", "actor": "maria", "reason": "Christmas"}
    Freeze.objects.create(starts_at=now + hour, ends_at=now + 2 * hour, **values)
    return Freeze.objects.create(starts_at=now, ends_at=now + hour, **values)


def held(moving: world.World, running: Deployment) -> None:
    """The push that runs holds its cluster's lock, another one waits, and something is borrowed."""
    resource = f"cluster:test/{world.REGION}/{moving.cluster.name}"
    Run.objects.filter(pk=running.run_id).update(resource=resource)
    Lock.objects.create(resource=resource, run=running.run, owner="maria", reason="fix login")
    before, after = Group.objects.filter(cluster=moving.cluster).order_by("name")
    waits = moving.push(before, after, state=RunState.QUEUED, done=0, actor="jo")
    Run.objects.filter(pk=waits.run_id).update(planned=False, resource=resource)
    group = f"test/{world.REGION}/{after.name}"
    Borrowed.objects.create(run=running.run, kind="size", resource=group, original={}, says="min raised 4 → 12")


def installed(moving: world.World, running: Deployment) -> None:
    """What is installed in the two images of the push that runs is known, and what differs."""
    before, after = (Image.objects.get(image_id=each) for each in (running.from_image, running.to_image))
    baked_rows(before, {"deb:openssl": "3.0.11", "deb:curl": "8.5", "python:django": "5.2"}, {"/etc/app.conf": "aa"})
    baked_rows(after, {"deb:openssl": "3.0.12", "deb:curl": "8.4", "python:django": "5.2"}, {"/etc/app.conf": "ab"})
    Recipe.objects.filter(application=moving.application).update(git="nobody")


def token() -> Token:
    """Somebody has a token."""
    return accounts.create_token(User.objects.get_or_create(username="tessa")[0], "ci", actor="tests")[0]


def hook() -> Webhook:
    """CI may report builds of the application."""
    return create_webhook("api", "github", actor="ada")[0]


def built() -> Build:
    """A build that passed a gate and failed another, and is in an image that serves."""
    gates = (
        ReportedGate("unit", "passed", "https://ci.example/7/unit", "412 passed"),
        ReportedGate("regression", "failed", says="3 of 80 failed"),
    )
    told = Reported(
        "api",
        "4.2.0",
        commit="2fa4d17c90be11aa22bb33cc44dd55ee66ff7788",
        branch="main",
        url="https://ci.example/7",
        changelog="PROJ-1 fix login",
        gates=gates,
    )
    return report_build(told, actor="webhook 1 (jenkins)")[0]


def instance_of(group: str) -> str:
    """Any instance of a group."""
    return str(Instance.objects.filter(group__name=group).earliest("instance_id").instance_id)


def bakes(settled: world.World) -> tuple[Bake, Bake, BaseImage]:
    """An application's recipe, a bake of it that made its images, one that is under way, and a base image."""
    base = baking.base_image(settled.environment)
    baking.recipe(settled.application, settled.environment)
    says = "The builder i-0b1 is installing api 4.4.0: Collecting api"
    moving = baking.bake(settled.application, "4.4.0", RunState.WAITING, says=says)
    return baking.bake(settled.application), moving, base


def marked(settled: world.World) -> Keep:
    """A mark of an AMI, and a resource that somebody keeps."""
    here = {"environment": settled.environment, "region": world.REGION}
    now = timezone.now()
    mark = {"kind": "image", "resource": "ami-00000000000000001", "called": "api 4.2.0", "because": "Nothing uses it."}
    Mark.objects.create(**here, **mark, since=now, due_at=now, state="notified")
    return Keep.objects.create(**here, kind="group", resource="api-prod-v001", actor="maria", reason="the audit")


def paths() -> list[str]:
    """Every kind of page, over a settled cluster, one with a running push, and a group of another naming."""
    settled, moving = world.settled("prod", production=True), world.moving("test")
    running = Deployment.objects.get(cluster=moving.cluster)
    held(moving, running)
    ended = Deployment.objects.filter(cluster=settled.cluster).latest("pk")
    baked, baking_now, base = bakes(settled)
    set_user_data("api", {"text": "${exports}\nKEY=abc\n"}, actor="maria", reason="identity")
    granted = promoting.promotion(moving.environment, settled.environment)
    granting = promoting.promotion(settled.environment, moving.environment, state=RunState.NEEDS_PERSON)
    installed(moving, running)
    of = built()
    baking.check(of)
    return [
        "/",
        "/styleguide/",
        "/applications/",
        "/applications/new/",
        "/applications/api/",
        "/applications/api/edit/",
        "/applications/api/webhooks/",
        f"/webhooks/{hook().pk}/revoke/",
        "/builds/",
        f"/builds/{of.pk}/",
        f"/builds/{of.pk}/check/",
        "/applications/api/recipe/",
        "/applications/api/user-data/",
        "/applications/api/user-data/edit/",
        "/applications/api/scaffold/",
        "/applications/api/scaffold/remove/",
        "/bakes/",
        "/bakes/new/",
        f"/bakes/{baked.pk}/",
        f"/bakes/{baking_now.pk}/",
        f"/bakes/{baking_now.pk}/cancel/",
        f"/bakes/{baking_now.pk}/retry/",
        "/base-images/",
        "/base-images/new/",
        f"/base-images/{base.pk}/withdraw/",
        settled.page,
        moving.page,
        f"{settled.page}push/",
        f"{settled.page}push/user-data/?image={running.to_image}",
        f"{settled.page}policy/",
        f"{moving.page}unlock/",
        f"/groups/{moving.environment.name}/{world.REGION}/{running.to_group}/",
        f"/groups/{moving.environment.name}/{world.REGION}/{running.to_group}/do/resize/",
        f"/instances/{moving.environment.name}/{world.REGION}/{instance_of(running.to_group)}/",
        "/changes/",
        "/clusters/",
        "/search/?q=api",
        "/search/?q=nothing-like-it",
        "/deployments/",
        f"/deployments/{running.pk}/",
        f"/deployments/{running.pk}/decide/",
        f"/deployments/{running.pk}/override/",
        f"/deployments/{running.pk}/cancel/",
        f"/deployments/{ended.pk}/",
        f"/deployments/{ended.pk}/charts/",
        f"/deployments/{ended.pk}/user-data/",
        f"/deployments/{ended.pk}/rollback/",
        "/freezes/",
        "/freezes/new/",
        f"/freezes/{frozen().pk}/end/",
        "/images/",
        f"/images/{running.to_image}/",
        "/janitor/",
        "/janitor/dry-run/prod/",
        "/janitor/rules/prod/",
        "/janitor/keep/",
        f"/janitor/keeps/{marked(settled).pk}/end/",
        f"/images/{running.to_image}/diff/?against={running.from_image}",
        f"/images/{running.to_image}/diff/commits/?against={running.from_image}",
        f"/images/{granted.image_id}/promote/",
        f"/promotions/{granted.pk}/",
        f"/promotions/{granted.pk}/revoke/",
        "/promotions/",
        f"/promotions/{granting.pk}/cancel/",
        f"/promotions/{granting.pk}/retry/",
        "/load-balancers/",
        f"/load-balancers/prod/{world.REGION}/{settled.cluster.name}/",
        f"/target-groups/prod/{world.REGION}/{settled.target_group.name}/",
        "/launch-templates/",
        f"/launch-templates/prod/{world.REGION}/lt-prod/",
        "/environments/",
        "/environments/new/",
        "/environments/prod/edit/",
        "/other-groups/",
        "/tokens/",
        f"/tokens/{token().pk}/revoke/",
    ]


PARTS = re.compile(r"-(live|preview|refresh)$|^theme$")  # parts of pages, and POSTs
# all that AWS says, and what may be secret: shown in test_states.py
ASKING = {"group-details", "instance-console", "instance-user-data", "read-user-data"}
FILES = {"bake-log"}  # to be kept, and no page


def test_every_page_of_the_console_is_among_them() -> None:
    known = {each.name for each in urls.urlpatterns if not PARTS.search(str(each.name))}
    assert known - ASKING - FILES - {resolve(path.partition("?")[0]).url_name for path in paths()} == set()


def test_every_page_is_free_of_barriers_and_errors_and_fits_a_phone_in_both_themes(visitor: Visit) -> None:
    with visitor(Role.ADMINISTRATOR, reduced_motion="reduce") as person:
        found = {}
        for path in paths():
            person.open(path)
            if barriers := person.barriers_in_every_look():
                found[path] = barriers
        assert found == {}
        assert person.complaints == []


def test_the_sign_in_page_is_free_of_barriers_and_lets_in(visitor: Visit, settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    User.objects.create_user("maria", password="long enough to be good")
    with visitor(None) as person:
        page = person.open("/images/")
        assert person.barriers() == []
        page.get_by_label("Username").fill("maria")
        page.get_by_label("Password").fill("long enough to be good")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Images")).to_be_visible()
        assert person.complaints == []


def test_a_wrong_address_says_what_to_do(visitor: Visit) -> None:
    with visitor() as person:
        page = person.open("/clusters/prod/us-east-1/no-such/")
        expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
        assert person.barriers() == []
        page.evaluate("document.documentElement.removeAttribute('lang')")
        assert person.barriers() == ["html-has-lang: html"], "what is wrong is found"


def test_the_header_takes_one_line_of_a_small_laptop(visitor: Visit) -> None:
    with visitor(Role.ADMINISTRATOR, width=1200) as person:
        page = person.open("/styleguide/")
        tops = page.locator(".header > *:visible").evaluate_all(
            "parts => parts.map(part => part.getBoundingClientRect()).map(box => Math.round(box.top + box.height / 2))"
        )
        assert len(tops) >= 4
        assert max(tops) - min(tops) <= 2
        links = page.locator(".header__nav a").evaluate_all("all => new Set(all.map(link => link.offsetTop)).size")
        assert links == 1


def test_the_theme_switch_keeps_what_was_chosen(visitor: Visit) -> None:
    with visitor(theme="light") as person:
        page = person.open("/images/")
        page.locator("#menu summary").click()
        page.get_by_role("button", name="Dark").click()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        expect(page.locator("html")).to_have_css("background-color", "rgb(20, 22, 26)")
        page.reload()
        expect(page.locator("html")).to_have_css("background-color", "rgb(20, 22, 26)")


def test_pages_work_without_javascript(visitor: Visit) -> None:
    settled = world.settled()
    with visitor(java_script_enabled=False) as person:
        page = person.open(settled.page)
        expect(page.get_by_text("v013 (4.2.0) serves all traffic, 6 of 6 healthy.")).to_be_visible()
        page.get_by_role("link", name="Push…").click()
        expect(page.get_by_role("button", name="Preview")).to_be_visible()
        page.locator("#menu summary").click()
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()
