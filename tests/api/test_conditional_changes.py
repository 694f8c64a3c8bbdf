"""A PATCH with If-Match is refused if somebody changed the thing meanwhile, and only then."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from apps.inventory.models import Instance, SyncState
from tests.api.conftest import ApiClient
from tests.api.fleet import REGION, Fleet

POLICY = f"clusters/prod/{REGION}/shop.web-prod/policy/"
CHANGES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("applications/shop.web/", {"owner": "bob"}, {"owner": "eve"}),
    ("environments/prod/", {"description": "live"}, {"description": "alive"}),
    (POLICY, {"min_healthy_percent": 90, "reason": "night"}, {"min_healthy_percent": 50, "reason": "day"}),
]


@pytest.fixture
def administrator(fleet: Fleet, administrator: ApiClient) -> ApiClient:
    """In a fleet."""
    return administrator


@pytest.mark.parametrize(("path", "first", "second"), CHANGES)
def test_a_change_of_what_was_changed_meanwhile_is_refused(
    administrator: ApiClient, path: str, first: dict[str, Any], second: dict[str, Any]
) -> None:
    etag = administrator.read(path).headers["ETag"]
    changed = administrator.send("PATCH", path, first, If_Match=etag)
    assert changed.status_code == 200, changed.content
    refused = administrator.send("PATCH", path, second, If_Match=etag)
    assert refused.status_code == 412
    assert refused.json()["type"].endswith("changed-meanwhile")
    assert first.items() - {("reason", first.get("reason"))} <= administrator.read(path).json().items()
    fresh = administrator.read(path).headers["ETag"]
    assert administrator.send("PATCH", path, second, If_Match=f'"other", {fresh}').status_code == 200
    assert administrator.send("PATCH", path, first, If_Match="*").status_code == 200
    assert administrator.send("PATCH", path, second).status_code == 200


@pytest.mark.parametrize("given", ["", "shop", "×ø", '"', "W/shop"])
def test_what_is_no_etag_is_told(administrator: ApiClient, given: str) -> None:
    answer = administrator.send("PATCH", "applications/shop.web/", {"owner": "bob"}, If_Match=given)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "If-Match"


@pytest.mark.parametrize(("path", "first", "second"), CHANGES)
def test_what_a_patch_cannot_change_does_not_refuse_it(
    administrator: ApiClient, path: str, first: dict[str, Any], second: dict[str, Any]
) -> None:
    before = administrator.read(path).headers["ETag"]
    SyncState.objects.update(succeeded_at=timezone.now(), error="AWS did not answer.")
    Instance.objects.update(gone_at=timezone.now())
    counts = path != POLICY  # a policy shows nothing that is read from AWS
    assert (administrator.read(path).headers["ETag"] != before) == counts
    assert administrator.send("PATCH", path, first, If_Match=before).status_code == 200


@pytest.mark.parametrize("path", [path for path, _, _ in CHANGES])
def test_the_etag_of_some_fields_and_one_that_a_proxy_made_weak_serve_as_well(
    administrator: ApiClient, path: str
) -> None:
    field = next(iter(administrator.read(path).json()))
    change = next(first for known, first, _ in CHANGES if known == path)
    etag = administrator.read(f"{path}?fields={field}").headers["ETag"]
    assert administrator.send("PATCH", path, change, If_Match=f"W/{etag}").status_code == 200
