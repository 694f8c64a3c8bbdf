"""Answers carry an ETag; whoever has them already hears 304."""

from __future__ import annotations

import pytest

from apps.events.services import record
from tests.api.conftest import ApiClient


def test_an_unchanged_answer_is_304_without_a_body(viewer: ApiClient) -> None:
    first = viewer.read("events/")
    again = viewer.read("events/", If_None_Match=first.headers["ETag"])
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["ETag"] == first.headers["ETag"]


def test_a_changed_answer_is_sent_in_full(viewer: ApiClient) -> None:
    first = viewer.read("events/")
    record("test.happened", actor="tests", subject="x", summary="It happened.")
    again = viewer.read("events/", If_None_Match=first.headers["ETag"])
    assert again.status_code == 200
    assert again.headers["ETag"] != first.headers["ETag"]


def test_no_answer_may_be_kept_by_a_shared_cache(viewer: ApiClient) -> None:
    response = viewer.read("events/")
    assert response.headers["Cache-Control"] == "private, no-cache"
    assert "Authorization" in response.headers["Vary"] or "Cookie" in response.headers["Vary"]


def test_errors_carry_no_etag(viewer: ApiClient) -> None:
    assert "ETag" not in viewer.read("events/999999/")


@pytest.mark.parametrize("path", ["applications/", "applications/shop/"])
def test_fields_chooses_fields(path: str, administrator: ApiClient) -> None:
    administrator.submit("applications/", {"name": "shop", "owner": "ann"})
    answer = administrator.read(f"{path}?fields=owner,name").json()
    one = answer["results"][0] if "results" in answer else answer
    assert one == {"name": "shop", "owner": "ann"}
    wrong = administrator.read(f"{path}?fields=owner,colour")
    assert wrong.status_code == 400
    assert wrong.json()["errors"][0]["detail"].startswith("No field colour. There are ")
