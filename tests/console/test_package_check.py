"""The page of a build's package check: how the last one ended, and asking for another."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.utils import timezone

from apps.images.models import Build, PackageCheck
from tests.console import baking, world
from tests.console.test_builds import built, page

NOT_OFFERED = (
    "Not offered here. This machine lets the worker make no namespaces (denied). "
    "No instance is launched for it; a bake tries the package on one."
)


def prepared() -> Build:
    settled = world.settled()
    baking.recipe(settled.application, settled.environment)
    return built("4.3.0")


def ended(row: Build, **values: Any) -> None:
    """The newest check ends so."""
    found = PackageCheck.objects.filter(build=row).latest("pk")
    PackageCheck.objects.filter(pk=found.pk).update(ended_at=timezone.now(), **values)


def test_an_operator_asks_for_a_check_and_follows_it(operator: Client) -> None:
    row = prepared()
    path = f"/builds/{row.pk}/check/"
    assert f'href="{path}"' in page(operator, f"/builds/{row.pk}/")
    assert "It was not checked yet." in page(operator, path)
    answer = operator.post(path, {"reason": "before the bake"})
    assert (answer.status_code, answer.headers["Location"]) == (302, path)
    text = page(operator, path)
    assert "Waiting for a worker to begin." in text
    assert f'hx-get="{path}live/"' in text
    assert operator.get(f"{path}live/").status_code == 200
    says = "api 4.3.0 was installed, and is not well: GET /health on port 8080 answered 503."
    ended(
        row,
        outcome="failed",
        says=says,
        seconds=3.2,
        log="serving <8080>",
        log_cut=1200,
        installed={"python:api": "4.3.0"},
    )
    live = operator.get(f"{path}live/")
    assert live.status_code == 286
    told = " ".join(live.content.decode().split())
    for each in (says, "serving &lt;8080&gt;", "1,200 bytes before these were lost.", "python:api", "before the bake"):
        assert each in told
    ended(row, outcome="skipped", says=NOT_OFFERED, seconds=None, log="", installed={})
    text = page(operator, path)
    assert NOT_OFFERED in text
    assert 'class="sentence state--rest"' in text


def test_a_viewer_reads_it_and_may_not_ask_for_one(viewer: Client) -> None:
    path = f"/builds/{prepared().pk}/check/"
    assert "This needs the role operator" in page(viewer, path)
    assert viewer.post(path, {"reason": ""}).status_code == 403
    assert not PackageCheck.objects.exists()


def test_without_a_recipe_nothing_can_be_checked_and_it_says_so(operator: Client) -> None:
    world.settled()
    answer = operator.post(f"/builds/{built().pk}/check/", {"reason": ""})
    assert answer.status_code == 409
    assert "Give it a recipe first." in answer.content.decode()


def test_a_build_that_there_is_not(operator: Client) -> None:
    assert operator.get("/builds/99/check/").status_code == 404
