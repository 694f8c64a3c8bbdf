"""Who sees what, and who may press what."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLPattern

from apps.accounts.models import User
from apps.deployments.models import Deployment
from apps.workflows.states import RunState
from tests.console import world

READ = [
    "/",
    "/changes/",
    "/clusters/",
    "/applications/",
    "/applications/api/",
    "/deployments/",
    "/images/",
    "/builds/",
    "/images/ami-00000000000000001/",
    "/environments/",
    "/other-groups/",
    "/freezes/",
    "/bakes/",
    "/base-images/",
    "/applications/api/user-data/",
    "/promotions/",
    "/janitor/",
    "/janitor/dry-run/prod/",
]
OPERATE = ["push/"]
ADMINISTER = [
    "/applications/new/",
    "/applications/api/edit/",
    "/applications/api/webhooks/",
    "/environments/new/",
    "/environments/prod/edit/",
    "/webhooks/1/revoke/",
    "/applications/api/recipe/",
    "/applications/api/user-data/edit/",
    "/applications/api/scaffold/",
    "/applications/api/scaffold/remove/",
    "/base-images/new/",
]


def every_path(settled: world.World) -> list[str]:
    """An address for every route of the console."""
    number = Deployment.objects.latest("pk").pk
    known = {
        "environment": settled.environment.name,
        "region": world.REGION,
        "name": settled.cluster.name,
        "number": number,
        "token": 1,
        "slug": "resize",
    }
    console = next(each for each in get_resolver().url_patterns if getattr(each, "app_name", "") == "console")
    patterns = [each for each in console.url_patterns if isinstance(each, URLPattern)]
    texts = [str(each.pattern) for each in patterns]
    for name, value in known.items():
        for converter in ("str", "int", "path", "slug"):
            texts = [text.replace(f"<{converter}:{name}>", str(value)) for text in texts]
    assert not any("<" in text for text in texts)
    return [f"/{text}" for text in texts]


def test_a_stranger_is_sent_to_the_sign_in_page_from_everywhere(stranger: Client) -> None:
    for path in every_path(world.settled()):
        for answer in (stranger.get(path), stranger.post(path)):
            assert answer.status_code == 302, path
            assert answer.headers["Location"].startswith("/accounts/sign-in/"), path


@pytest.mark.parametrize("path", READ)
def test_a_viewer_reads_every_list(viewer: Client, path: str) -> None:
    world.settled()
    assert viewer.get(path).status_code == 200


def test_a_viewer_sees_the_cluster_but_cannot_press_its_buttons(viewer: Client, operator: Client) -> None:
    settled = world.settled()
    page = viewer.get(settled.page).content.decode()
    assert "v013 (4.2.0) serves all traffic, 6 of 6 healthy." in page
    assert f'href="{settled.page}push/"' not in page
    assert "This needs the role operator; you are signed in as a viewer." in page
    assert f'href="{settled.page}push/"' in operator.get(settled.page).content.decode()


def test_a_viewer_is_told_why_changing_is_refused(viewer: Client) -> None:
    settled, moving = world.settled(), world.moving("test")
    running, ended = moving.cluster.deployments.get().pk, settled.cluster.deployments.latest("pk").pk
    changing = [
        f"{settled.page}push/",
        f"/deployments/{running}/cancel/",
        f"/deployments/{running}/decide/",
        f"/deployments/{ended}/rollback/",
        "/bakes/new/",
        "/janitor/keep/",
        "/promotions/1/cancel/",
        "/promotions/1/retry/",
    ]
    for path in [*changing, *ADMINISTER]:
        for answer in (viewer.get(path), viewer.post(path)):
            assert answer.status_code == 403, path
            assert "you are signed in as a viewer" in answer.content.decode(), path
    assert viewer.post(f"{settled.page}push/preview/").status_code == 403
    assert viewer.post("/bakes/new/preview/").status_code == 403


def test_an_operator_does_not_administer(operator: Client) -> None:
    world.settled()
    for path in ADMINISTER:
        answer = operator.get(path)
        assert answer.status_code == 403
        assert "This needs the role administrator" in answer.content.decode()


def test_reading_pages_answer_no_other_method(operator: Client) -> None:
    settled = world.settled()
    for path in [*READ, settled.page, f"{settled.page}live/"]:
        assert operator.post(path).status_code == 405, path


def test_nothing_is_cancelled_by_a_link(operator: Client) -> None:
    moving = world.moving()
    deployment = moving.cluster.deployments.get()
    assert operator.get(f"/deployments/{deployment.pk}/cancel/").status_code == 200
    deployment.run.refresh_from_db()
    assert deployment.run.cancel_requested_at is None
    assert deployment.run.state == RunState.WAITING


def test_everybody_sees_only_their_own_tokens(operator: Client, viewer: Client, administrator: Client) -> None:
    operator.post("/tokens/", {"name": "zebra", "days": "30"})
    token = User.objects.get(username="operator").tokens.get()
    assert "zebra" not in viewer.get("/tokens/").content.decode()
    assert viewer.post(f"/tokens/{token.pk}/revoke/").status_code == 404
    assert "zebra" in administrator.get("/tokens/").content.decode()
