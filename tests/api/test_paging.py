"""Lists come in pages by cursor, forwards and back, stable while rows are added."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from apps.api.pagination import CURSOR
from apps.events.services import record
from tests.api.conftest import ApiClient


def happened(number: int) -> None:
    record("test.happened", actor="tests", subject=str(number), summary=f"{number}", run=1)


@pytest.fixture(autouse=True)
def seven(db: None) -> None:
    for number in range(7):
        happened(number)


def page(client: ApiClient, url: str = "/api/v1/events/?run=1&page_size=3") -> dict[str, Any]:
    response = client.get(url)
    assert response.status_code == 200, response.content
    body: dict[str, Any] = response.json()
    return body


def subjects(body: dict[str, Any]) -> list[str]:
    return [row["subject"] for row in body["results"]]


def test_it_goes_forwards_to_the_end_and_back_to_the_beginning(viewer: ApiClient) -> None:
    first = page(viewer)
    second = page(viewer, first["next"])
    third = page(viewer, second["next"])
    assert [subjects(body) for body in (first, second, third)] == [["6", "5", "4"], ["3", "2", "1"], ["0"]]
    assert first["previous"] is None
    assert third["next"] is None
    assert subjects(page(viewer, third["previous"])) == ["3", "2", "1"]
    back = page(viewer, second["previous"])
    assert subjects(back) == ["6", "5", "4"]
    assert back["previous"] is None
    assert subjects(page(viewer, back["next"])) == ["3", "2", "1"]


def test_rows_added_meanwhile_shift_nothing(viewer: ApiClient) -> None:
    first = page(viewer)
    happened(7)
    assert subjects(page(viewer, first["next"])) == ["3", "2", "1"]


def test_the_links_keep_the_filters(viewer: ApiClient) -> None:
    link = page(viewer)["next"]
    assert "run=1" in link
    assert "page_size=3" in link


def test_an_empty_list_has_no_neighbours(viewer: ApiClient) -> None:
    assert page(viewer, "/api/v1/events/?run=99") == {"results": [], "next": None, "previous": None}


@pytest.mark.parametrize("size", ["0", "-1", "201", "x", "1.5", "9" * 40, "٣"])
def test_a_bad_page_size_is_told(viewer: ApiClient, size: str) -> None:
    response = viewer.get("/api/v1/events/", {"page_size": size})
    assert response.status_code == 400
    assert response.json()["errors"] == [{"field": "page_size", "detail": "Use a whole number from 1 to 200."}]


def cursor(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "%%%",
        "é",
        cursor([]),
        cursor([0]),
        cursor([2, 5]),
        cursor([0, "x"]),
        cursor([0, 1, 2]),
        cursor([0, None]),
        cursor([0, 1e400]),
        cursor([0, "\ud800"]),
        cursor([0, "\0"]),
        cursor(5),
        cursor({}),
    ],
)
def test_a_cursor_that_is_not_ours_is_told(viewer: ApiClient, text: str) -> None:
    response = viewer.get("/api/v1/events/", {CURSOR: text})
    assert response.status_code == 400, response.content
    assert response.json()["errors"][0]["field"] == "cursor"


def test_a_cursor_beyond_the_end_is_an_empty_page(viewer: ApiClient) -> None:
    assert page(viewer, f"/api/v1/events/?cursor={cursor([0, -(10**30)])}")["results"] == []
