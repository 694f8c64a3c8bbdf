"""Every error is a problem detail (RFC 9457): what happened, why, and which field."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from django.db import OperationalError
from django.http import HttpResponse
from pytest_django.live_server_helper import LiveServer
from rest_framework.exceptions import ValidationError

from apps.api.problems import Busy, exception_handler, flatten
from tests.api.conftest import ApiClient


def problem(response: HttpResponse, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.content
    assert response.headers["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = json.loads(response.content)
    assert body["status"] == status
    assert body["title"]
    assert body["type"]
    assert body["detail"]
    return body


@pytest.mark.parametrize("path", ["nothing/", "events/9/x/", "clusters/a/b/c/d/e/", "events", "%00", "..%2f"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH"])
def test_an_unknown_url_is_404(viewer: ApiClient, method: str, path: str) -> None:
    body = problem(viewer.send(method, path), 404)
    assert body["instance"].startswith("/api/v1/")


def test_a_missing_slash_is_pointed_out(viewer: ApiClient) -> None:
    assert "ends with a slash" in problem(viewer.read("events"), 404)["detail"]


@pytest.mark.parametrize("path", ["/api/", "/api/v2/events/", "/api/v1"])
def test_there_is_no_page_beside_the_api(viewer: ApiClient, path: str) -> None:
    problem(viewer.get(path), 404)  # type: ignore[arg-type]


def test_a_missing_row_is_404(viewer: ApiClient) -> None:
    assert problem(viewer.read("events/999999/"), 404)["detail"] == "There is no event 999999, or it is gone."
    problem(viewer.read(f"events/{10**30}/"), 404)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "POST"])
def test_a_wrong_method_is_405_and_says_which_are_right(administrator: ApiClient, method: str) -> None:
    response = administrator.send(method, "events/", {})
    problem(response, 405)
    assert response.headers["Allow"] == "GET, HEAD"


def test_another_accept_is_406(viewer: ApiClient) -> None:
    problem(viewer.read("events/", Accept="text/html"), 406)


@pytest.mark.parametrize("content_type", ["text/plain", "multipart/form-data; boundary=x", "application/xml"])
def test_another_kind_of_body_is_415(operator: ApiClient, content_type: str) -> None:
    problem(operator.post("/api/v1/tokens/", b"name=ci", content_type), 415)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"{", "not JSON"),
        (b'{"name": "a", "name": "b"}', "given more than once: name"),
        (b'{"name": NaN}', "NaN"),
        (b'{"name": "\xff"}', "UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_a_body_that_is_not_strictly_json_is_400(operator: ApiClient, body: bytes, says: str) -> None:
    response = operator.post("/api/v1/tokens/", body, "application/json")
    assert says in problem(response, 400)["detail"]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("body", "field", "says"),
    [
        ({}, "name", "required"),
        ({"name": 5}, "name", "5 is not a string"),
        ({"name": True}, "name", "true is not a string"),
        ({"name": None}, "name", "null"),
        ({"name": ""}, "name", "blank"),
        ({"name": "x" * 81}, "name", "80"),
        ({"name": "a\0b"}, "name", "NUL"),
        ({"name": "\ud800"}, "name", "urrogate"),
        ({"name": "ci", "a\ud800\0": 1}, "a\\ud800\\0", "NUL"),
        ({"name": ["\0"]}, "name.0", "NUL"),
        ({"name": "ci", "colour": "red"}, "colour", "Known here: name, expires_at."),
        ({"name": "ci", "expires_at": "soon"}, "expires_at", "format"),
        ({"name": "ci", "expires_at": "2001-01-01T00:00:00Z"}, "expires_at", "in the past"),
        ({"name": "ci", "expires_at": 5}, "expires_at", ""),
        ([], "", "Send a JSON object, not []."),
        (["ci"], "", 'Send a JSON object, not ["ci"].'),
        ("ci", "", 'Send a JSON object, not "ci".'),
        ({"name": [None, True, 0.5]}, "name", "[null, true, 0.5] is not a string"),
        ({"name": {"of": "x" * 60}}, "name", f'{{"of": "{"x" * 49}... is not a string'),
    ],
)
def test_a_wrong_field_is_named_with_what_is_wrong(operator: ApiClient, body: Any, field: str, says: str) -> None:
    errors = problem(operator.submit("tokens/", body), 400)["errors"]
    assert [error["field"] for error in errors] == [field]
    assert says in errors[0]["detail"]


def test_several_wrong_fields_are_told_at_once(operator: ApiClient) -> None:
    body = problem(operator.submit("tokens/", {"colour": 1, "name": 2}), 400)
    assert {error["field"] for error in body["errors"]} == {"colour", "name"}
    assert body["detail"].startswith("2 things are wrong")


def test_inner_fields_are_named_by_their_path() -> None:
    nested = {"options": {"margin": ["Too large."]}, "items": [{}, {"name": ["Missing."]}], "non_field_errors": ["No."]}
    assert flatten(nested) == [
        {"field": "options.margin", "detail": "Too large."},
        {"field": "items.1.name", "detail": "Missing."},
        {"field": "", "detail": "No."},
    ]


def test_a_giant_body_is_413_before_it_is_read(operator: ApiClient) -> None:
    problem(operator.submit("tokens/", {"name": "x" * 300_000}), 413)


def test_a_body_in_chunks_is_not_taken_for_an_empty_one(operator: ApiClient, live_server: LiveServer) -> None:
    def chunks() -> Iterator[bytes]:
        yield b'{"name": "ci"}'

    headers = {"Authorization": operator.defaults["HTTP_AUTHORIZATION"], "Content-Type": "application/json"}
    answer = httpx.post(f"{live_server.url}/api/v1/tokens/", content=chunks(), headers=headers)
    assert answer.status_code == 411


@pytest.mark.parametrize("query", ["colour=red", "kind=a&colour=red", "format=yaml", "format=json"])
def test_an_unknown_parameter_is_refused_with_the_known_ones_listed(viewer: ApiClient, query: str) -> None:
    body = problem(viewer.read(f"events/?{query}"), 400)
    assert body["errors"][0]["field"] in {"colour", "format"}
    assert "cursor" in body["errors"][0]["detail"]
    assert "kind" in body["errors"][0]["detail"]


@pytest.mark.parametrize(
    "query", ["since=yesterday", "run=x", "run=0.5", "kind=%00", "kind=a&kind=b", "kind=", "until="]
)
def test_a_wrong_filter_is_named(viewer: ApiClient, query: str) -> None:
    assert problem(viewer.read(f"events/?{query}"), 400)["errors"][0]["field"] == query.split("=")[0]


def test_a_conflict_carries_its_members() -> None:
    response = exception_handler(Busy("alice is pushing.", owner="alice", run=7), {})
    assert response.status_code == 409
    assert response.data["type"] == "urn:deployconsole:problem:busy"
    assert (response.data["owner"], response.data["run"]) == ("alice", 7)


def test_a_single_message_without_a_field_is_the_detail() -> None:
    assert exception_handler(ValidationError("Not today."), {}).data["detail"] == "Not today."


def test_what_nobody_foresaw_is_500_with_a_reference_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        response = exception_handler(RuntimeError("the secret is 42"), {})
    assert response.status_code == 500
    assert "42" not in str(response.data)
    reference = response.data["detail"].rstrip(".").rpartition(" ")[2]
    assert reference in caplog.text


def test_a_silent_database_is_503_and_worth_trying_again() -> None:
    response = exception_handler(OperationalError("connection refused at 10.0.0.1"), {})
    assert response.status_code == 503
    assert response.headers["Retry-After"]
    assert "10.0.0.1" not in str(response.data)


@pytest.mark.parametrize("path", ["me/", "nowhere"])
def test_a_host_that_is_not_ours_is_told_as_a_problem(viewer: ApiClient, path: str) -> None:
    response = viewer.get(f"/api/v1/{path}", headers={"host": "evil.example.com"})
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert "ALLOWED_HOSTS" in response.json()["detail"]
    assert response.json()["instance"] == f"/api/v1/{path}"
    assert viewer.get("/accounts/sign-in/", headers={"host": "evil.example.com"})["Content-Type"].startswith(
        "text/html"
    )
