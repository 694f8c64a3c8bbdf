"""Pictures of every page, on desktop and phone, light and dark, with much data, with none, and in an error.

Run by `make screenshots`, which says where they are; to be looked at by people.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from apps.accounts.models import Role
from apps.deployments.models import Deployment
from apps.events.services import record
from apps.inventory.models import Environment, SyncState
from apps.workflows.states import RunState
from tests.browser.conftest import Visit
from tests.browser.test_pages import paths
from tests.console import world

pytestmark = pytest.mark.django_db(transaction=True)

FOLDER = Path(os.environ.get("SCREENSHOTS") or "var/screenshots")
LOOKS = [(width, theme) for width in (1280, 360) for theme in ("light", "dark")]
MANY = 40
EMPTY = (
    "/",
    "/applications/",
    "/applications/new/",
    "/changes/",
    "/clusters/",
    "/deployments/",
    "/environments/",
    "/environments/new/",
    "/freezes/",
    "/images/",
    "/launch-templates/",
    "/load-balancers/",
    "/other-groups/",
    "/search/?q=api",
    "/tokens/",
)


def much() -> list[str]:
    """Every page, with applications, clusters and deployments enough for a second page of each list."""
    found = paths()
    for number in range(MANY):
        made = world.build(f"test-{number}", application=f"shop{number:02}")
        group = made.group(number, made.image(f"1.{number}"), healthy=3, failing=number % 5 == 0)
        state = [RunState.SUCCEEDED, RunState.UNDONE, RunState.FAILED][number % 3]
        made.push(group, group, state=state, began=timezone.now() - timedelta(hours=number), reason="a reason " * 9)
        record("group.kept", actor="maria", subject=group.name, summary=f"{group.name} kept until the next push")
    return found


def none() -> list[str]:
    """Lists of nothing, and forms."""
    return list(EMPTY)


def errors() -> list[str]:
    """What is not there, what is old, what was refused, and a deployment that failed."""
    made = world.settled("prod", production=True)
    SyncState.objects.update(succeeded_at=timezone.now() - timedelta(hours=3), error="Rate exceeded")
    before, after = made.cluster.groups.order_by("name")
    says = "UpdateAutoScalingGroup: you are not authorized to perform this operation on api-prod-v013."
    failed = made.push(before, after, state=RunState.FAILED, done=2, failure=says)
    asks = made.push(before, after, state=RunState.NEEDS_PERSON, done=3, says="Nobody knows what this is.")
    Environment.objects.create(name="new", account_id="123456789012", regions=[world.REGION])
    return [
        "/",
        made.page,
        f"/deployments/{failed.pk}/",
        f"/deployments/{asks.pk}/",
        f"/deployments/{asks.pk}/decide/",
        "/clusters/prod/us-east-1/nobody/",
        "/deployments/999999/",
        "/deployments/?state=nonsense",
        f"/groups/prod/{world.REGION}/{after.name}/do/resize/",
        "/environments/",
    ]


def sent(page: object) -> Iterator[str]:
    """Forms that are sent as they are, to be refused."""
    yield from ("/applications/new/", "/environments/new/", "/freezes/new/", "/tokens/")


@pytest.mark.parametrize(("width", "theme"), LOOKS)
@pytest.mark.parametrize("state", [much, none, errors])
def test_pictures(state: object, width: int, theme: str, visitor: Visit) -> None:
    folder = FOLDER / f"{state.__name__}-{width}-{theme}"  # type: ignore[attr-defined]  # a function
    folder.mkdir(parents=True, exist_ok=True)
    shown = state()  # type: ignore[operator]
    assert Deployment.objects.exists() or state is none
    with visitor(Role.ADMINISTRATOR, width=width, theme=theme) as person:
        for number, path in enumerate(shown):
            page = person.open(path)
            page.wait_for_timeout(150)  # what is loaded beside the page
            page.screenshot(path=folder / f"{number:02}{_file(path)}.png", full_page=True)
        for path in sent(page) if state is errors else ():
            page = person.open(path)
            page.locator("main form button.button--primary").first.click()
            page.wait_for_load_state()
            page.screenshot(path=folder / f"sent{_file(path)}.png", full_page=True)


def _file(path: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", path.rstrip("/")) or "-home"
