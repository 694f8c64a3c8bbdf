"""Package checks over REST: asked for, joined, followed, found by their build."""

from __future__ import annotations

from apps.images.models import PackageCheck
from tests.api.conftest import ApiClient
from tests.api.fleet import Fleet
from tests.api.test_builds import reported
from tests.console import baking


def test_a_check_is_asked_for_joined_and_found_by_its_build(fleet: Fleet, operator: ApiClient) -> None:
    baking.recipe(fleet.application, fleet.environment)
    build = reported(operator)
    assert operator.get(build["url"]).json()["package_check_url"] is None
    asked = operator.submit(f"builds/{build['id']}/check/", {"reason": "before the bake"})
    assert asked.status_code == 202, asked.content
    body = asked.json()
    assert asked.headers["Location"] == body["url"]
    assert (body["state"], body["outcome"], body["build"]) == ("queued", "", build["id"])
    assert (body["package"], body["version"], body["reason"]) == ("shop.web", "4.2.0", "before the bake")
    assert body["waiting_for"] == "Waiting for a worker to begin."
    assert [step["kind"] for step in body["steps"]] == ["check-package"]
    again = operator.submit(f"builds/{build['id']}/check/", {})
    assert (again.status_code, again.json()["id"]) == (200, body["id"])
    assert operator.get(build["url"]).json()["package_check_url"] == body["url"]
    assert operator.get(body["url"]).json()["id"] == body["id"]
    PackageCheck.objects.update(outcome="skipped", says="Not offered here. There is no podman here.")
    told = operator.get(body["url"]).json()
    assert (told["outcome"], told["says"]) == ("skipped", "Not offered here. There is no podman here.")


def test_what_cannot_be_checked_is_refused(fleet: Fleet, operator: ApiClient) -> None:
    build = reported(operator)
    refused = operator.submit(f"builds/{build['id']}/check/", {})
    assert refused.status_code == 422
    assert "Give it a recipe first." in refused.json()["detail"]
    assert operator.submit("builds/99/check/", {}).status_code == 404
    assert operator.submit(f"builds/{build['id']}/check/", {"why": ""}).status_code == 400
    assert operator.read("package-checks/99/").status_code == 404
