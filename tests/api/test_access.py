"""Who may what: nobody, viewer, operator, administrator; by token and by session."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator

from apps.accounts.models import Token, User
from tests.api.conftest import ApiClient


def operations() -> list[tuple[str, str]]:
    """Every method and path of the OpenAPI document, with something in place of each variable."""
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    return [
        (method.upper(), re.sub(r"{\w+}", "1", path).removeprefix("/api/v1/"))
        for path, methods in paths.items()
        for method in methods
    ]


SIGNED = ("POST", "hooks/1/")  # opened by the signature of what is delivered alone: see tests/images/test_webhooks.py
OPERATIONS = [each for each in operations() if each != SIGNED]
FOR_ALL = re.compile(r"tokens/.*|clusters/.*/refresh/")  # what a viewer may do
CHANGES = [(method, path) for method, path in OPERATIONS if method != "GET" and not FOR_ALL.fullmatch(path)]
OF_ADMINISTRATORS = ("applications/", "base-images/", "environments/", "janitor/rules/", "webhooks/")
READS = re.compile(r"applications/.*/user-data/(read|render)/")  # what may be secret: asked for by POST, and recorded
FOR_ADMINISTRATORS = [
    each for each in CHANGES if each[1].startswith(OF_ADMINISTRATORS) and not READS.fullmatch(each[1])
]


def test_there_are_operations_to_test() -> None:
    assert len(OPERATIONS) > 30
    assert len(CHANGES) > 8


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_no_operation_is_open_to_nobody(anonymous: ApiClient, method: str, path: str) -> None:
    assert anonymous.send(method, path, {}).status_code == 401


@pytest.mark.parametrize(("method", "path"), CHANGES)
def test_a_viewer_changes_nothing(viewer: ApiClient, method: str, path: str) -> None:
    assert viewer.send(method, path, {}).status_code == 403


@pytest.mark.parametrize(("method", "path"), FOR_ADMINISTRATORS)
def test_an_operator_does_not_administer(operator: ApiClient, method: str, path: str) -> None:
    assert operator.send(method, path, {}).status_code == 403


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_an_administrator_is_refused_nowhere(administrator: ApiClient, method: str, path: str) -> None:
    assert administrator.send(method, path, {}).status_code not in {401, 403, 405, 500}


@pytest.mark.parametrize("path", ["", "me/", "events/", "tokens/", "schema/", "events/1/"])
def test_nothing_is_open_without_credentials(anonymous: ApiClient, path: str) -> None:
    response = anonymous.read(path)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert response.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer dc_wrong", "Basic YTpi", "bearer x y", "Token x", "Bearer \udcff"]
)
def test_no_other_credentials_open_it(anonymous: ApiClient, header: str) -> None:
    assert anonymous.read("me/", Authorization=header).status_code == 401


def test_a_token_acts_for_its_user(operator: ApiClient) -> None:
    assert json.loads(operator.read("me/").content) == {"username": "oscar", "role": "operator"}


def test_an_expired_revoked_or_orphaned_token_is_401(operator: ApiClient) -> None:
    Token.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert operator.read("me/").status_code == 401
    Token.objects.update(expires_at=None, revoked_at=timezone.now())
    assert operator.read("me/").status_code == 401
    Token.objects.update(revoked_at=None)
    assert operator.read("me/").status_code == 200
    User.objects.update(is_active=False)
    assert operator.read("me/").status_code == 401


def test_a_session_reads_and_needs_the_csrf_token_to_change(operator: ApiClient) -> None:
    assert operator.user is not None
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(operator.user)
    assert browser.get("/api/v1/me/").status_code == 200
    refused = browser.post("/api/v1/tokens/", {"name": "ci"}, "application/json")
    assert refused.status_code == 403
    assert "CSRF" in refused.json()["detail"]
    browser.get("/api/v1/docs/")
    secret = browser.cookies["csrftoken"].value
    made = browser.post("/api/v1/tokens/", {"name": "ci"}, "application/json", headers={"X-CSRFToken": secret})
    assert made.status_code == 201


def test_a_token_is_shown_once_and_works_until_it_is_revoked(viewer: ApiClient) -> None:
    made = viewer.submit("tokens/", {"name": "ci"})
    assert made.status_code == 201
    body = json.loads(made.content)
    again = viewer.get(made.headers["Location"])
    assert again.status_code == 200
    assert "token" not in again.json()
    bearer = {"Authorization": f"Bearer {body['token']}"}
    assert ApiClient().read("me/", **bearer).status_code == 200
    assert viewer.send("DELETE", f"tokens/{body['id']}/").status_code == 204
    assert ApiClient().read("me/", **bearer).status_code == 401


def test_tokens_of_others_are_seen_and_revoked_by_administrators_only(
    viewer: ApiClient, operator: ApiClient, administrator: ApiClient
) -> None:
    token = Token.objects.get(user=viewer.user)
    assert operator.read(f"tokens/{token.pk}/").status_code == 404
    assert operator.send("DELETE", f"tokens/{token.pk}/").status_code == 404
    assert {row["user"] for row in json.loads(operator.read("tokens/").content)["results"]} == {"oscar"}
    assert {row["user"] for row in json.loads(administrator.read("tokens/").content)["results"]} == {
        "ada",
        "oscar",
        "vera",
    }
    assert administrator.send("DELETE", f"tokens/{token.pk}/").status_code == 204


def test_the_only_operation_that_needs_no_role_is_opened_by_a_signature(anonymous: ApiClient) -> None:
    assert SIGNED in operations()
    assert anonymous.send(*SIGNED, {}).status_code == 404  # there is no such webhook
