"""Webhooks over REST: administrators make, see and revoke them; a secret is shown once."""

from __future__ import annotations

import json

import pytest

from apps.images.models import Webhook
from tests.api.conftest import ApiClient
from tests.api.fleet import Fleet
from tests.images.deliveries import taken

GIVEN = {"application": "shop.web", "format": "github"}


def test_a_secret_is_shown_once_and_opens_the_hook(fleet: Fleet, administrator: ApiClient) -> None:
    answer = administrator.submit("webhooks/", GIVEN)
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert answer.headers["Location"] == body["url"]
    hook = Webhook.objects.get()
    assert body["secret"] == hook.secret
    assert body["receives_at"] == f"http://testserver/api/v1/hooks/{hook.pk}/"
    assert (body["application"], body["format"], body["created_by"]) == ("shop.web", "github", "ada")
    assert taken(hook, {}, X_GitHub_Event="ping")
    for path in (f"webhooks/{hook.pk}/", "webhooks/"):
        assert hook.secret not in administrator.read(path).content.decode()
    assert administrator.read("webhooks/").json()["results"][0]["last_used_at"]


def test_a_replayed_answer_has_no_secret(fleet: Fleet, administrator: ApiClient) -> None:
    first = administrator.submit("webhooks/", GIVEN, Idempotency_Key="once").json()
    again = administrator.submit("webhooks/", GIVEN, Idempotency_Key="once").json()
    assert first["secret"]
    assert again == {**first, "secret": None}
    assert Webhook.objects.count() == 1


def test_a_revoked_one_stays_in_the_list_and_takes_nothing(fleet: Fleet, administrator: ApiClient) -> None:
    number = administrator.submit("webhooks/", GIVEN).json()["id"]
    for _ in range(2):
        assert administrator.send("DELETE", f"webhooks/{number}/").status_code == 204
    assert administrator.read("webhooks/").json()["results"][0]["revoked_at"]
    assert administrator.send("POST", f"hooks/{number}/", {}).status_code == 404


@pytest.mark.parametrize(
    ("change", "field", "status"),
    [({"application": "x"}, "application", 422), ({"format": "fax"}, "format", 422), ({"secret": "x"}, "secret", 400)],
)
def test_a_wrong_field_is_named(
    fleet: Fleet, administrator: ApiClient, change: dict[str, str], field: str, status: int
) -> None:
    answer = administrator.submit("webhooks/", {**GIVEN, **change})
    assert answer.status_code == status
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("who", ["viewer", "operator"])
def test_others_neither_see_nor_make_nor_revoke_any(
    fleet: Fleet, administrator: ApiClient, request: pytest.FixtureRequest, who: str
) -> None:
    number = administrator.submit("webhooks/", GIVEN).json()["id"]
    client: ApiClient = request.getfixturevalue(who)
    for method, path in (("GET", ""), ("GET", f"{number}/"), ("POST", ""), ("DELETE", f"{number}/")):
        answer = client.send(method, f"webhooks/{path}", GIVEN if method == "POST" else None)
        assert answer.status_code == 403, (method, path)
        assert "needs the role administrator" in json.loads(answer.content)["detail"]
    assert Webhook.objects.get().revoked_at is None


def test_a_hook_is_opened_by_its_signature_alone(fleet: Fleet, administrator: ApiClient) -> None:
    number = administrator.submit("webhooks/", GIVEN).json()["id"]
    assert administrator.send("POST", f"hooks/{number}/", {}).status_code == 401
    assert administrator.read(f"hooks/{number}/").status_code == 405
