"""What differs between two images, and the commits between them, over REST."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from apps.inventory.models import Image
from tests.api.conftest import ApiClient
from tests.api.fleet import Fleet
from tests.api.test_inventory import PLACE, read
from tests.images.baked import baked, recipe
from tests.images.git import commit, repository

DIFF = f"images/{PLACE}/ami-0b/diff/"


@pytest.fixture(autouse=True)
def forgetful(settings: Settings) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}


def test_packages_files_base_and_attributes_are_told(fleet: Fleet, viewer: ApiClient) -> None:
    old, new = (Image.objects.get(image_id=each) for each in ("ami-0a", "ami-0b"))
    baked(old, {"deb:openssl": "3.0.11", "deb:curl": "8.5"}, {"/etc/app.conf": "aa", "/etc/same": "cc"})
    bake = baked(
        new, {"deb:openssl": "3.0.12", "deb:jq": "1"}, {"/etc/app.conf": "ab", "/etc/same": "cc"}, base="ami-0c"
    )
    body = read(viewer, f"{DIFF}?against=ami-0a")
    assert body["packages"] == [
        {
            "manager": "deb",
            "changes": [
                {"kind": "upgraded", "name": "openssl", "before": "3.0.11", "after": "3.0.12"},
                {"kind": "added", "name": "jq", "before": "", "after": "1"},
                {"kind": "removed", "name": "curl", "before": "8.5", "after": ""},
            ],
            "unchanged": 0,
        }
    ]
    assert body["files"] == {"changes": [{"kind": "changed", "path": "/etc/app.conf"}], "unchanged": 1}
    assert body["base_changed"] is True
    assert body["attributes"] == [{"name": "Version", "before": "4.1.9", "after": "4.2.0"}]
    assert (body["after"]["bake"], body["after"]["base_image"], body["after"]["manifest"]) == (bake.pk, "ami-0c", True)
    assert body["unknown"] == []


def test_what_is_not_known_is_said_and_null(fleet: Fleet, viewer: ApiClient) -> None:
    body = read(viewer, f"{DIFF}?against=ami-0a")
    assert (body["packages"], body["files"], body["base_changed"]) == ([], None, None)
    assert len(body["unknown"]) == 2


@pytest.mark.parametrize("part", ["", "commits/"])
def test_what_cannot_be_compared_is_refused_by_its_field(fleet: Fleet, viewer: ApiClient, part: str) -> None:
    for query in ("", "?against=", "?against=ami-0nope", "?against=ami-0a&against=ami-0b", f"?against={'x' * 33}"):
        answer = viewer.read(f"{DIFF}{part}{query}")
        assert answer.status_code == 400, query
        assert [each["field"] for each in answer.json()["errors"]] == ["against"], query
    assert viewer.read(f"images/{PLACE}/ami-0nope/diff/{part}?against=ami-0a").status_code == 404
    assert viewer.read(f"{DIFF}{part}?against=ami-0a&other=1").status_code == 400


def test_commits_are_told_with_their_tickets(
    fleet: Fleet, viewer: ApiClient, tmp_path: Path, settings: Settings
) -> None:
    problem = read(viewer, f"{DIFF}commits/?against=ami-0a")["problem"]
    assert "no recipe of this application names its repository" in problem
    settings.GIT_CLONES = str(tmp_path)
    clone = repository(tmp_path / "shop")
    first, last = commit(clone, "begin"), commit(clone, "SHOP-1 fix\n\nbody")
    for image_id, made in (("ami-0a", first), ("ami-0b", last)):
        Image.objects.filter(image_id=image_id).update(commit=made[:12])
    recipe(fleet.application, fleet.environment, git="shop", ticket_pattern="[A-Z]+-[0-9]+")
    body = read(viewer, f"{DIFF}commits/?against=ami-0a")
    (told,) = body["added"]
    assert (told["id"], told["title"], told["author"], told["tickets"]) == (last, "SHOP-1 fix", "Maria", ["SHOP-1"])
    assert body["tickets"] == [{"id": "SHOP-1", "url": "", "commits": 1}]
    assert (body["added_total"], body["removed"], body["problem"], body["note"]) == (1, [], "", "")
