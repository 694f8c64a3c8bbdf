"""What the console looks like in every state: the pictures of `make screenshots`, and what axe judges, are of these."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse
from django.urls.resolvers import URLPattern
from django.utils import timezone
from playwright.sync_api import Page

from apps.accounts.models import Role
from apps.console import urls
from apps.events.services import record
from apps.inventory.models import Environment, SyncState
from apps.workflows.states import RunState
from tests.browser.chromium import Visitor
from tests.browser.conftest import cookies_of
from tests.browser.test_pages import PARTS, paths
from tests.console import baking, world

MANY = 60  # more than a page of a list holds


@dataclass(frozen=True)
class Shot:
    """A page in a state: the path that is opened, by a person of a role, and what that person does there.

    `act` names what it is that was done, where a path is shown more than once. `status` is of the document that is
    looked at, None where both 200 and 422 will do; `shows` is its path, where it is another one.
    """

    path: str
    do: Callable[[Page], object] | None = None
    act: str = ""
    status: int | None = 200
    role: Role = Role.ADMINISTRATOR
    shows: str = ""

    @property
    def title(self) -> str:
        """Names it among all others of its state."""
        return " ".join(filter(None, [self.path, self.act, "" if self.role is Role.ADMINISTRATOR else self.role.value]))


def show(person: Visitor, shot: Shot) -> Page:
    """Brings a person's page into the state. Raises AssertionError where another answer came than the state's own."""
    page = person.page
    page.context.add_cookies([{**cookie, "url": person.base} for cookie in cookies_of(shot.role)])
    person.open(shot.path)
    person.settle()
    if shot.do:
        shot.do(page)
        person.settle()
    assert person.status in ([200, 422] if shot.status is None else [shot.status]), shot.title
    assert page.url.removeprefix(person.base) == (shot.shows or shot.path), shot.title
    return page


def lists() -> list[str]:
    """Every page whose address names nothing."""
    plain = [each for each in urls.urlpatterns if isinstance(each, URLPattern) and not each.pattern.converters]
    return [reverse(f"console:{each.name}") for each in plain if not PARTS.search(str(each.name))]


def usual() -> list[Shot]:
    """Every page once."""
    return [Shot(path) for path in paths()]


def much() -> list[Shot]:
    """Lists that go on for more than a page."""
    for number in range(MANY):
        made = world.build(f"test-{number}", application=f"shop{number:02}")
        group = made.group(number, made.image(f"1.{number}"), healthy=3, failing=number % 5 == 0)
        state = [RunState.SUCCEEDED, RunState.UNDONE, RunState.FAILED][number % 3]
        made.push(group, group, state=state, began=timezone.now() - timedelta(hours=number), reason="a reason " * 9)
        record("group.kept", actor="maria", subject=group.name, summary=f"{group.name} kept until the next push")
        baking.recipe(made.application, made.environment)
        baking.base_image(made.environment)
        baking.bake(made.application, f"1.{number}", state, reason="a reason " * 9, failure="It is not there. " * 9)
    return [Shot(path) for path in [*lists(), "/deployments/?page=2"]]


def none() -> list[Shot]:
    """Lists of nothing, and forms."""
    return [Shot(path) for path in [*lists(), "/search/?q=api"]]


def errors() -> list[Shot]:
    """What is not there, what is old, what was refused or mistyped, what failed; and what lies over a page when open.

    Needs the fixture `breaking`.
    """
    made = world.settled("prod", production=True)
    SyncState.objects.update(succeeded_at=timezone.now() - timedelta(hours=3), error="Rate exceeded")
    before, after = made.cluster.groups.order_by("name")
    says = "UpdateAutoScalingGroup: you are not authorized to perform this operation on api-prod-v013."
    failed = made.push(before, after, state=RunState.FAILED, done=2, failure=says)
    asks = made.push(before, after, state=RunState.NEEDS_PERSON, done=3, says="Nobody knows what this is.")
    not_baked = unbaked(made)
    Environment.objects.create(name="new", account_id="123456789012", regions=[world.REGION])
    group = f"/groups/prod/{world.REGION}/{after.name}/"
    return [
        *(Shot(path) for path in ("/", made.page, group, "/environments/")),
        *(Shot(f"/deployments/{number}/") for number in (failed.pk, asks.pk)),
        Shot(f"/deployments/{asks.pk}/decide/"),
        Shot(f"/bakes/{not_baked}/"),
        Shot(f"/bakes/{not_baked}/", role=Role.VIEWER),
        Shot(made.page, role=Role.VIEWER),
        Shot(group, role=Role.VIEWER),
        Shot("/environments/new/", role=Role.VIEWER, status=403),
        Shot("/clusters/prod/us-east-1/nobody/", status=404),
        Shot("/deployments/999999/", status=404),
        Shot("/malformed/", status=400),
        Shot("/broken/", status=500),
        Shot("/deployments/?state=nonsense"),
        Shot("/deployments/?since=yesterday"),
        *opened(group),
        *sent(),
    ]


def unbaked(made: world.World) -> int:
    """The number of a bake that failed, with a long log of which a part is lost."""
    baking.recipe(made.application, made.environment)
    says = "The package could not be installed (status 1). The builder says: ERROR: No matching distribution found"
    log = "\n".join(f"{number}: {'a line of the log ' * 9}" for number in range(300))
    return int(baking.bake(made.application, state=RunState.UNDONE, failure=says, log=log, log_cut=4096).pk)


def opened(group: str) -> Iterator[Shot]:
    """What opens over a page."""
    yield Shot("/", lambda page: page.locator("#menu summary").click(), "menu")
    yield Shot(group, lambda page: page.locator("main .menu summary").first.click(), "more")
    yield Shot("/", search, "search")


def search(page: Page) -> None:
    """Something is found while one types."""
    page.get_by_role("search", name="Everything").get_by_role("searchbox").press_sequentially("api")
    page.get_by_role("search", name="Everything").get_by_role("link").first.wait_for()


def sent() -> Iterator[Shot]:
    """Forms that are sent as they are, to be refused; and one whose cookie is gone."""
    for path in ("/applications/new/", "/bakes/new/", "/environments/new/", "/freezes/new/", "/tokens/"):
        yield Shot(path, send, "sent", status=422)
    yield Shot("/tokens/", send_without_cookie, "csrf", status=403)


def send(page: Page) -> None:
    """Presses what is meant to be pressed."""
    with page.expect_navigation():
        page.locator("main form button.button--primary").first.click()


def send_without_cookie(page: Page) -> None:
    """Django does not take it for a request of ours."""
    page.context.clear_cookies(name="csrftoken")
    send(page)


def file_name(shot: Shot) -> str:
    """The name of its picture, without the suffix."""
    return re.sub(r"[^a-z0-9]+", "-", shot.title.lower()).strip("-") or "home"
